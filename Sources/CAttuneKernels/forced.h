// SPDX-License-Identifier: Apache-2.0
//
// The level that a thread is forced to use, for those who work on its behalf.

#ifndef ATTUNE_FORCED_H
#define ATTUNE_FORCED_H

/// What the calling thread is forced to use; NULL: nothing.
const void *attune_forced(void);
/// Forces the calling thread to use what another one is.
void attune_adopt_forced(const void *forced);

#endif

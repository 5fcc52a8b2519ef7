// SPDX-License-Identifier: Apache-2.0

// The C library of the system, whose module has another name on each: `exp`, `getenv`, `open`, `errno`.
//
// Foundation would hand it on too, and with it what a static program needs forty megabytes for.

#if canImport(Glibc)
  @_exported public import Glibc
#elseif canImport(Musl)
  @_exported public import Musl
#else
  @_exported public import Darwin
#endif

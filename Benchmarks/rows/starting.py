# SPDX-License-Identifier: Apache-2.0
"""Row 4: from the start of a process to the first vector, its memory, and the size on disk."""
import os
import shutil
import subprocess
import tempfile

from arithmetic import Shape, token_lengths
from turns import HERE, apart, heading, measured, number, peaks, ranged, share, spread, table, verdict

from rows.profile import profile

TEXT = "The acting was wonderful, but the plot made no sense at all."


def size(path):
    """Bytes of a file or folder."""
    if os.path.isfile(path):
        return os.path.getsize(path)
    return sum(os.path.getsize(os.path.join(folder, name)) for folder, _, names in os.walk(path) for name in names)


def program_size(options):
    """Bytes of the program as it is handed on: without the symbols for debuggers."""
    if not shutil.which("strip"):
        return size(options.attune)
    with tempfile.TemporaryDirectory() as folder:
        stripped = os.path.join(folder, "attune")
        subprocess.run(["strip", "-o", stripped, options.attune], check=True)
        return size(stripped)


def swift_libraries(program):
    """Bytes of the Swift libraries that the program loads; none where it was built with --static-swift-stdlib."""
    if not shutil.which("ldd"):
        return 0
    lines = subprocess.run(["ldd", program], capture_output=True, text=True).stdout.splitlines()
    paths = [line.split()[2] for line in lines if "=>" in line and "/swift/" in line]
    return sum(os.path.getsize(os.path.realpath(path)) for path in paths)


def run(options):
    options.rounds = options.rounds or 15
    heading("Row 4: process start to the first vector, 8-bit weights", options)
    model = os.path.join(options.work, "minilm-int8")
    commands = {"Attune": [
        options.attune, "embed", "--model", model, "--threads", str(options.threads), "--quiet", TEXT]}
    for engine in ["onnxruntime-int8", "ctranslate2-int8", "sentence-transformers"]:
        commands[engine] = [
            options.python, os.path.join(HERE, "peer_encoder.py"), "once", engine, options.work, "--threads",
            str(options.threads), "--text", TEXT]
    found = {name: [] for name in commands}
    for turn in range(options.rounds + 1):
        for name, command in commands.items():
            # The slow one is far off: three turns of it suffice.
            if name == "sentence-transformers" and turn > 3:
                continue
            _, seconds, peak = measured(command, options)
            if turn:
                found[name].append((seconds, peak))
    seconds = {name: [value for value, _ in runs] for name, runs in found.items()}
    memory = {name: spread([value for _, value in runs])["median"] for name, runs in found.items()}
    table(["", "seconds", "range", "peak memory, MiB"], [
        [name, ranged(seconds[name]), number(memory[name])] for name in commands])
    sizes = {"program": program_size(options) / 1e6, "model": size(os.path.realpath(model)) / 1e6}
    sizes["Swift libraries"] = swift_libraries(options.attune) / 1e6
    print(f"On disk: program without symbols {sizes['program']:.1f} MB, Swift libraries that it loads "
          f"{sizes['Swift libraries']:.1f} MB (none when built with --static-swift-stdlib), model {sizes['model']:.1f} MB, together "
          f"{sum(sizes.values()):.1f} MB.\n")
    medians = {name: spread(values)["median"] for name, values in seconds.items()}
    encoder = os.path.join(options.work, "minilm")
    work = Shape.of(encoder).texts(apart(token_lengths, os.path.join(encoder, "tokenizer.json"), [TEXT], 256))
    print(f"The text takes {work / 1e6:.0f} million operations, {share(work / medians['Attune'], peaks(options)['int8_gops'])}: the time "
          f"goes into starting and into opening {sizes['model']:.1f} MB.\n")
    result = {"row": 4, "seconds": {name: spread(values) for name, values in seconds.items()}, "peak_mib": memory,
              "megabytes": sizes}
    for name, times, smaller in [("onnxruntime-int8", 4, 1 / 0.6), ("sentence-transformers", 50, 5)]:
        result[name] = verdict(medians[name] / medians["Attune"], times, f"as fast as {name}")
        result[name + ", memory"] = verdict(memory[name] / memory["Attune"], smaller, f"smaller than {name}")
    result["size"] = verdict(50 / sum(sizes.values()), 1, "below 50 MB on disk")
    if options.profile:
        result["profile"] = profile(commands["Attune"], options, times=40)
    return result

# SPDX-License-Identifier: Apache-2.0
"""Writes npy.json: .npy files in base64 with what numpy reads from them.

Run as `python3 make_npy.py` in this folder; needs numpy (made with 2.4.6 on Linux).

saved:  arrays as numpy.save writes them, with shape and numbers in C order
odd:    files that are odd in one way each, with what numpy says to them
"""
import base64
import io
import json
import struct
import warnings

import numpy as np

warnings.simplefilter("ignore")


def encoded(content):
    return base64.b64encode(content).decode()


def saved():
    numbers = np.random.default_rng(3)
    result = []
    for code in ["<f2", ">f2", "<f4", ">f4", "<f8", ">f8"]:
        for shape in [(5,), (3, 4), (2, 3, 4)]:
            for order in "CF":
                array = np.asarray(numbers.normal(size=shape).astype(code), order=order)
                result.append((f"{code} {shape} {order}", array))
    for code in ["|i1", "<i2", ">i4", "<i8", "|u1", ">u2", "<u4", "<u8", "|b1"]:
        array = numbers.integers(0, 2 if code == "|b1" else 100, size=(3, 2)).astype(code)
        result.append((f"{code} (3, 2) C", array))
    result.append(("<f4 (0, 7) C", np.zeros((0, 7), "<f4")))
    result.append(("<f4 (1234567, 0) C", np.zeros((1234567, 0), "<f4")))
    cases = []
    for name, array in result:
        file = io.BytesIO()
        np.save(file, array)
        cases.append({
            "name": name, "file": encoded(file.getvalue()), "shape": list(array.shape),
            "numbers": [float(number) for number in array.astype("<f8").ravel(order="C")],
        })
    return cases


def file(header, data=b"", version=(1, 0), length=None, pads=True, magic=b"\x93NUMPY"):
    content = header.encode("latin1")
    width = 2 if version[0] == 1 else 4
    if pads:
        content += b" " * ((-(len(content) + 1 + 8 + width)) % 64) + b"\n"
    length = len(content) if length is None else length
    return magic + bytes(version) + struct.pack("<H" if width == 2 else "<I", length) + content + data


def header(descr="'<f4'", fortran="False", shape="(2,)"):
    return f"{{'descr': {descr}, 'fortran_order': {fortran}, 'shape': {shape}, }}"


def odd():
    data = b"\0" * 8
    cases = {
        "version 1.0": file(header(), data),
        "version 2.0": file(header(), data, (2, 0)),
        "version 3.0": file(header(), data, (3, 0)),
        "version 4.0": file(header(), data, (4, 0)),
        "version 0.0": file(header(), data, (0, 0)),
        "version 1.1": file(header(), data, (1, 1)),
        "other magic": file(header(), data, magic=b"\x93NUMPX"),
        "empty file": b"",
        "magic alone": b"\x93NUMPY",
        "zip archive": b"PK\x03\x04" + 4 * data,
        "pickle": b"\x80\x04N.",
        "bytes behind the data": file(header(), data + b"xx"),
        "data cut by a byte": file(header(), data[:7]),
        "header cut": file(header(), data)[:20],
        "length cut": file(header(), data)[:9],
        "header past the end": file(header(), data, length=60000),
        "header of 4 GiB": file(header(), data, (2, 0), length=2**32 - 1),
        "header of 10102 bytes": file(header() + " " * 10001, data),
        "no padding": file(header(), data, pads=False),
        "keys in another order": file("{'shape':(2,),'descr':'<f4','fortran_order':False}", data),
        "double quotes": file('{"shape":(2,),"descr":"<f4","fortran_order":False}', data),
        "tabs and line ends": file("{\n\t'shape':(2,),'descr':'<f4','fortran_order':False}", data),
        "missing key": file("{'shape':(2,),'descr':'<f4'}", data),
        "empty dictionary": file("{}", data),
        "extra key": file("{'shape':(2,),'descr':'<f4','fortran_order':False,'x':1}", data),
        "key twice": file("{'shape':(2,),'shape':(1,),'descr':'<f4','fortran_order':False}", data),
        "no comma": file("{'shape':(2,) 'descr':'<f4','fortran_order':False}", data),
        "list for shape": file(header(shape="[2]"), data),
        "number for shape": file(header(shape="2"), data),
        "number in brackets": file(header(shape="(2)"), data),
        "comma alone": file(header(shape="(,)"), data),
        "two commas": file(header(shape="(2,,)"), data),
        "negative length": file(header(shape="(-1,)"), data),
        "Boolean length": file(header(shape="(True,)"), data),
        "long length of Python 2": file(header(shape="(2L,)"), data),
        "length with a point": file(header(shape="(2.0,)"), data),
        "hexadecimal length": file(header(shape="(0x2,)"), data),
        "length with underscore": file(header(shape="(1_0,)"), 9 * data),
        "length with zero before": file(header(shape="(02,)"), data),
        "text for length": file(header(shape="('2',)"), data),
        "no axis": file(header(shape="()"), data[:4]),
        "length 0": file(header(shape="(0,)")),
        "4 axes": file(header(shape="(1,1,1,2)"), data),
        "33 axes": file(header(shape="(" + "1," * 33 + ")"), data[:4]),
        "65 axes": file(header(shape="(" + "1," * 65 + ")"), data[:4]),
        "2^32 x 2^32": file(header(shape="(4294967296,4294967296)"), data),
        "0 x 2^33 x 2^33": file(header(shape="(0,8589934592,8589934592)"), data),
        "2^62": file(header(shape="(4611686018427387904,)"), data),
        "10^30 as a power": file(header(shape="(10**30,)"), data),
        "10^30 in digits": file(header(shape="(1" + 30 * "0" + ",)"), data),
        "2^40 numbers in 136 bytes": file(header(shape="(1099511627776,)"), data),
        "Fortran order": file(header(fortran="True", shape="(2,1)"), data),
        "1 for Fortran order": file(header(fortran="1"), data),
        "text for Fortran order": file(header(fortran="'True'"), data),
        "big-endian": file(header("'>f4'"), data),
        "=f4": file(header("'=f4'"), data),
        "f4": file(header("'f4'"), data),
        "|f4": file(header("'|f4'"), data),
        "float32": file(header("'float32'"), data),
        "<f2": file(header("'<f2'"), data[:4]),
        "<f8": file(header("'<f8'"), 2 * data),
        "<i8": file(header("'<i8'"), 2 * data),
        "|b1": file(header("'|b1'"), data[:2]),
        "<f16": file(header("'<f16'"), 4 * data),
        "<c8": file(header("'<c8'"), 2 * data),
        "<U3": file(header("'<U3'"), 3 * data),
        "|S3": file(header("'|S3'"), data[:6]),
        "|S0 of 2^40": file(header("'|S0'", shape="(1099511627776,)")),
        "<M8[s]": file(header("'<M8[s]'"), 2 * data),
        "|O": file(header("'|O'"), b"cos\nsystem\n(S'id'\ntR."),
        "|V4": file(header("'|V4'"), data),
        "<V2": file(header("'<V2'"), data[:4]),
        "bfloat16": file(header("'bfloat16'"), data[:4]),
        "fields": file(header("[('a','<f4')]"), data),
        "subarray": file(header("('<f4',(2,))"), 2 * data),
        "<q9": file(header("'<q9'"), data),
        "number for type": file(header("4"), data),
        "expression": file("__import__('os')", data),
        "deep nesting": file("(" * 3000 + ")" * 3000, data),
        "NUL behind the dictionary": file(header() + "\0", data),
        "text behind the dictionary": file(header() + "x", data),
    }
    result = []
    for name, content in cases.items():
        try:
            array = np.load(io.BytesIO(content))
            verdict = f"accepts {type(array).__name__} {getattr(array, 'dtype', '')} {getattr(array, 'shape', '')}"
        except Exception as error:
            verdict = f"refuses: {type(error).__name__}"
        result.append({"name": name, "file": encoded(content), "numpy": verdict})
    return result


with open("npy.json", "w") as golden:
    json.dump({"saved": saved(), "odd": odd()}, golden, indent=1)
    golden.write("\n")

// SPDX-License-Identifier: Apache-2.0

import AttuneFormats
import Foundation
import TestSupport
import Testing

@testable import AttuneData

@Suite("Feature vectors")
struct FeatureVectorsTests {
  private typealias Place = FeatureVectorsError.Place

  private func read(
    _ text: String, _ format: FeatureFormat, hasHeader: Bool? = nil
  ) throws -> FeatureVectors {
    try FeatureVectors(
      bytes: Array(text.utf8), format: format, name: "v", hasHeader: hasHeader)
  }

  private func problem(
    _ text: String, _ format: FeatureFormat, line: Int? = nil
  ) -> FeatureVectorsError.Problem? {
    let error = #expect(throws: FeatureVectorsError.self) { try read(text, format) }
    #expect(error?.line == line && error?.description.hasPrefix("v:") == true)
    return error?.problem
  }

  /// An array as numpy stores it.
  private func array(_ code: String, _ shape: [Int], _ bytes: [UInt8], order: String = "False")
    -> [UInt8]
  {
    let lengths = shape.map { "\($0)," }.joined()
    let header = "{'descr':'\(code)','fortran_order':\(order),'shape':(\(lengths))}"
    return NumpyHeader.magic + [1, 0, UInt8(header.utf8.count), 0] + Array(header.utf8) + bytes
  }

  private func floats(_ values: [Float]) -> [UInt8] {
    values.flatMap { withUnsafeBytes(of: $0.bitPattern.littleEndian, Array.init) }
  }

  @Test("Arrays that numpy saved, of any float and order, are its vectors and maps")
  func savedArrays() throws {
    let files = try InputFile.json(of: Golden.path("Data/npy.json")).fields(at: "saved")
    var axes: Set<Int> = []
    for file in files {
      let bytes = Array(try #require(Data(base64Encoded: file.string(at: "file"))))
      let shape = try file.integers(at: "shape")
      guard (2...3).contains(shape.count), !shape.contains(0) else { continue }
      axes.insert(shape.count)
      let vectors = try FeatureVectors(bytes: bytes, format: .numpy)
      #expect(vectors.count == shape[0] && vectors.dimension == shape[shape.count - 1])
      #expect(vectors.positionCount == (shape.count == 2 ? 1 : shape[1]))
      let expected = try file.doubles(at: "numbers").map { Float($0) }
      #expect(try vectors.batch(0..<vectors.count).values == expected)
      let width = shape.dropFirst().reduce(1, *)
      for row in 0..<vectors.count {
        #expect(try vectors.values(of: row) == Array(expected[row * width..<(row + 1) * width]))
      }
    }
    #expect(axes == [2, 3])
  }

  @Test("Odd files are read as arrays or refused as arrays are")
  func oddArrays() throws {
    for file in try InputFile.json(of: Golden.path("Data/npy.json")).fields(at: "odd") {
      let bytes = Array(try #require(Data(base64Encoded: file.string(at: "file"))))
      let array = try? NumpyArrayReader(bytes: bytes)
      do {
        let vectors = try FeatureVectors(bytes: bytes, format: .numpy)
        #expect(vectors.count == array?.rowCount)
      } catch let error as FeatureVectorsError {
        let shape = try #require(array).shape
        #expect(error.problem == .axes(shape: shape) || shape.contains(0))
      } catch is NumpyError {
        #expect(array == nil)
      }
    }
  }

  @Test("An array that stays on disk gives the same items as one in memory")
  func onDisk() throws {
    let folder = try TemporaryFolder()
    let values = (0..<24).map { Float($0) / 7 }
    for order in ["False", "True"] {
      let path = try folder.write(
        array("<f4", [4, 3, 2], floats(values), order: order), to: "\(order).npy")
      let memory = try FeatureVectors(path: path)
      let disk = try FeatureVectors(path: path, memoryLimit: 95)
      #expect(disk.positionCount == 3 && disk.dimension == 2)
      #expect(try disk.batch([3, 0, 3]) == memory.batch([3, 0, 3]))
    }
  }

  @Test("Numbers that are not finite are named with file, row, position and column")
  func namesInfinities() throws {
    let folder = try TemporaryFolder()
    let values: [Float] = [0, 1, 2, 3, 4, 5, 6, .nan, 8, .infinity, 10, 11]
    let flat = try folder.write(array("<f4", [4, 3], floats(values)), to: "flat.npy")
    let map = try folder.write(array("<f4", [2, 3, 2], floats(values)), to: "map.npy")
    for limit in [1 << 20, 0] {
      #expect(
        throws: FeatureVectorsError(file: flat, .notFinite(Place(row: 2, column: 1), value: "nan"))
      ) { try FeatureVectors(path: flat, memoryLimit: limit) }
      #expect(
        throws: FeatureVectorsError(
          file: map, .notFinite(Place(row: 1, position: 0, column: 1), value: "nan"))
      ) { try FeatureVectors(path: map, memoryLimit: limit) }
    }
    #expect(
      problem("1,2\n3,-inf\n", .delimited, line: 2)
        == .notFinite(Place(row: 1, column: 1), value: "-inf"))
    #expect(
      problem("1,2\n1e39,0\n", .delimited, line: 2)
        == .notFinite(Place(row: 1, column: 0), value: "1e39"))
    #expect(
      problem("[1,2]\n\n[1,1e39]\n", .jsonLines, line: 3)
        == .notFinite(Place(row: 1, column: 1), value: "1e+39"))
    #expect(throws: JSONError.self) { try read("[1,2]\n[1,NaN]\n", .jsonLines) }
    let values2 = [[0, 1], [.infinity, 3]].flatMap { (row: [Float]) in row }
    #expect(
      throws: FeatureVectorsError(
        file: "memory", .notFinite(Place(row: 0, position: 1, column: 0), value: "inf"))
    ) { try FeatureVectors(values2, dimension: 2, positionCounts: [2]) }
  }

  @Test("Arrays without vectors, of other axes or of nothing are refused")
  func refusesArrays() throws {
    func problem(_ shape: [Int], _ count: Int) -> FeatureVectorsError.Problem? {
      #expect(throws: FeatureVectorsError.self) {
        try FeatureVectors(
          bytes: array("<f4", shape, floats([Float](repeating: 0, count: count))), format: .numpy)
      }?.problem
    }
    #expect(problem([4], 4) == .axes(shape: [4]))
    #expect(problem([0, 4], 0) == .noVectors)
    #expect(problem([4, 0], 0) == .noNumbers(row: 0))
    #expect(problem([4, 0, 2], 0) == .noNumbers(row: 0))
    #expect(throws: NumpyError.self) {
      try FeatureVectors(bytes: array("|O", [1, 1], [0x80]), format: .numpy)
    }
    #expect(throws: NumpyError.self) {
      try FeatureVectors(bytes: array("<f4", [1 << 40, 4], [0]), format: .numpy)
    }
  }

  @Test("Rows of CSV are vectors; a header is seen by its words, or by counting from 0")
  func delimited() throws {
    for text in ["1,2.5\n-3e-2,4\n", "a,b\n1,2.5\n-3e-2,4\n", "1;2.5\r\n -3e-2 ;4\r\n"] {
      let vectors = try read(text, .delimited)
      #expect(vectors.count == 2 && vectors.dimension == 2 && vectors.positionCount == 1)
      #expect(try vectors.batch(0..<2).values == [1, 2.5, -0.03, 4])
    }
    #expect(try read("0,1,2\n3,4,5\n", .delimited).count == 1)
    #expect(try read("0,1,2\n3,4,5\n", .delimited, hasHeader: false).count == 2)
    #expect(try read("id,1,2\n9,4,5\n", .delimited).count == 1)
    #expect(try read("1,2\n3,4\n", .delimited, hasHeader: true).count == 1)
    let unnamed = #expect(throws: DataFileError.self) { try read(",a\n0,1\n", .delimited) }
    #expect(unnamed?.problem == .unnamedColumn(number: 1))
  }

  @Test("A mistake in the first vector is no header")
  func mistakesInFirstRow() {
    for (row, found) in [("1,x,3", "'x'"), ("1.5,,3", "nothing"), ("0x10,2,3", "'0x10'")] {
      let column = row.hasPrefix("0x") ? 0 : 1
      #expect(
        problem("\(row)\n4,5,6\n", .delimited, line: 1)
          == .notANumber(Place(row: 0, column: column), found: found))
    }
  }

  @Test("Numbers that no model can square are refused wherever they come from")
  func largestNumbers() throws {
    let place = Place(row: 1, column: 1)
    #expect(
      problem("1,2\n3,-1e16\n", .delimited, line: 2) == .tooLarge(place, value: "-1e16"))
    #expect(
      problem("[1,2]\n[3,1e38]\n", .jsonLines, line: 2) == .tooLarge(place, value: "1e+38"))
    let values: [Float] = [1, 2, 3, 1e16]
    for error in [
      #expect(throws: FeatureVectorsError.self) { try FeatureVectors(values, dimension: 2) },
      #expect(throws: FeatureVectorsError.self) {
        try FeatureVectors(bytes: array("<f4", [2, 2], floats(values)), format: .numpy)
      },
    ] { #expect(error?.problem == .tooLarge(place, value: "1e+16")) }
    #expect(try FeatureVectors([1e15, -1e15], dimension: 2).count == 1)
  }

  @Test("Columns of vectors that stand twice or are left out are refused")
  func refusesColumns() throws {
    let twice = #expect(throws: DataFileError.self) {
      try read("embedding_0,embedding_1,embedding_1\n1,2,3\n", .delimited)
    }
    #expect(twice?.problem == .duplicateColumn("embedding_1") && twice?.line == 1)
    #expect(
      problem("embedding_0,embedding_2\n1,2\n", .delimited, line: 1) == .noColumn("embedding_1"))
  }

  @Test("Tables with the vectors of texts are read without the texts")
  func embeddingColumns() throws {
    let plain = try read("text,embedding_0,embedding_1\n\"a, b\",1,2\nc,3,4\n", .delimited)
    #expect(try plain.batch(0..<2).values == [1, 2, 3, 4])
    let twice = "embedding_0,text,embedding2_0,embedding2_1\n9,a,1,2\n"
    #expect(try read(twice, .delimited).values(of: 0) == [1, 2])
  }

  @Test("Rows of CSV that are no vectors of one width are refused at their line")
  func refusesRows() throws {
    #expect(
      problem("1,2\n3,x\n", .delimited, line: 2)
        == .notANumber(Place(row: 1, column: 1), found: "'x'"))
    #expect(
      problem("1,2\n0x10,2\n", .delimited, line: 2)
        == .notANumber(Place(row: 1, column: 0), found: "'0x10'"))
    #expect(
      problem("a,b\n1,\n", .delimited, line: 2)
        == .notANumber(Place(row: 0, column: 1), found: "nothing"))
    #expect(problem("a,b\n", .delimited) == .noVectors)
    let ragged = #expect(throws: DataFileError.self) { try read("1,2\n3\n", .delimited) }
    #expect(ragged?.problem == .raggedRow(expected: 2, got: 1) && ragged?.line == 2)
    #expect(throws: DataFileError.self) { try read("", .delimited) }
  }

  @Test("Lines of JSON are vectors, alone or under a usual key")
  func jsonLines() throws {
    let text = """
      [1, 2.5]
      {"id": 7, "vector": [3, 4]}
      {"embedding": [5, 6], "text": "a"}

      {"features": [-0, 1e-3]}
      """
    let vectors = try read(text, .jsonLines)
    #expect(vectors.count == 4 && vectors.positionCount == 1)
    #expect(try vectors.batch(0..<4).values == [1, 2.5, 3, 4, 5, 6, 0, 0.001])
  }

  @Test("Lines of JSON may be sequences of different lengths")
  func sequences() throws {
    let text = "[[1, 2], [3, 4]]\n{\"features\": [[5, 6]]}\n[[7, 8], [9, 10], [11, 12]]\n"
    let vectors = try read(text, .jsonLines)
    #expect(vectors.count == 3 && vectors.positionCount == nil && vectors.dimension == 2)
    #expect((0..<3).map { vectors.positionCount(of: $0) } == [2, 1, 3])
    let batch = try vectors.batch([2, 1])
    #expect(batch.values == [7, 8, 9, 10, 11, 12, 5, 6] && batch.positionCounts == [3, 1])
    #expect(try read("[[1, 2], [3, 4]]\n[[5, 6], [7, 8]]\n", .jsonLines).positionCount == 2)
    #expect(
      throws: FeatureVectorsError(
        file: "memory", .notFinite(Place(row: 1, position: 1, column: 0), value: "nan"))
    ) { try FeatureVectors([1, 2, .nan, 3], dimension: 1, positionCounts: [1, 3]) }
  }

  @Test("Lines of JSON that are no vectors of one width are refused at their line")
  func refusesLines() throws {
    #expect(
      problem("[1,2]\n[3]\n", .jsonLines, line: 2) == .width(row: 1, expected: 2, found: 1))
    #expect(
      problem("[[1,2],[3]]\n", .jsonLines, line: 1) == .width(row: 0, expected: 2, found: 1))
    #expect(problem("[]\n", .jsonLines, line: 1) == .noNumbers(row: 0))
    #expect(problem("[[1],[]]\n", .jsonLines, line: 1) == .noNumbers(row: 0))
    #expect(
      problem("[1,null]\n", .jsonLines, line: 1)
        == .notANumber(Place(row: 0, column: 1), found: "null"))
    #expect(
      problem("[1]\n[[2],3]\n", .jsonLines, line: 2)
        == .notANumber(Place(row: 1, position: 1, column: 0), found: "an integer among arrays"))
    #expect(
      problem("{\"vec\":[1]}\n", .jsonLines, line: 1)
        == .noVector(row: 0, found: "an object with the keys 'vec'"))
    #expect(
      problem("{}\n", .jsonLines, line: 1) == .noVector(row: 0, found: "an object without keys"))
    #expect(problem("\"a\"\n", .jsonLines, line: 1) == .noVector(row: 0, found: "a string"))
    #expect(
      problem("{\"vector\":[1],\"features\":[2]}\n", .jsonLines, line: 1)
        == .severalVectors(row: 0, keys: ["vector", "features"]))
    #expect(problem("\n \n", .jsonLines) == .noVectors)
  }

  @Test("The name tells the format, packed or not, unless it is given")
  func formats() throws {
    let folder = try TemporaryFolder()
    for (name, text) in [("a.csv", "1,2\n"), ("a.tsv", "1\t2\n"), ("a.ndjson", "[1,2]\n")] {
      #expect(try FeatureVectors(path: folder.write(text, to: name)).values(of: 0) == [1, 2])
    }
    let path = try folder.write("1,2\n", to: "a.dat")
    let error = #expect(throws: FeatureVectorsError.self) { try FeatureVectors(path: path) }
    #expect(error?.problem == .unknownFormat && error?.exitCode == .usage)
    #expect(try FeatureVectors(path: path, format: .delimited).values(of: 0) == [1, 2])
    #expect(try FeatureFormat(path: "x/a.NPY.gz") == .numpy)
    #expect(FeatureFormat(of: array("<f4", [1, 1], floats([1]))) == .numpy)
    #expect(FeatureFormat(of: Array("\n {\"vector\":[1]}".utf8)) == .jsonLines)
    #expect(FeatureFormat(of: Array("1,2".utf8)) == .delimited)
  }

  @Test("Vectors of another width than a model reads are refused")
  func dimension() throws {
    let vectors = try FeatureVectors([1, 2, 3, 4], dimension: 2)
    try vectors.requireDimension(2)
    #expect(
      throws: FeatureVectorsError(file: "memory", .dimension(expected: 3, found: 2))
    ) { try vectors.requireDimension(3) }
  }

  @Test("Damaged rows and lines are read or refused, and never trap")
  func damage() throws {
    var generator = SplitMix(seed: 5)
    let originals: [(FeatureFormat, String)] = [
      (.delimited, "text,embedding_0,embedding_1\na,1.5,-2e3\nb,0,4\n"), (.delimited, "1,2\n3,4\n"),
      (.jsonLines, "[1,2.5]\n{\"vector\":[3,4e1]}\n"), (.jsonLines, "[[1,2],[3,4]]\n[[5,6]]\n"),
    ]
    for turn in 0..<8_000 {
      let (format, text) = originals[turn % originals.count]
      let bytes = mutated(
        Array(text.utf8), favouring: Array("0123456789,.-e[]{}\"\n infax_".utf8), with: &generator)
      guard let vectors = try? FeatureVectors(bytes: bytes, format: format) else { continue }
      let batch = try vectors.batch(0..<vectors.count)
      #expect(batch.values.allSatisfy(\.isFinite) && batch.values.count <= bytes.count)
    }
  }
}

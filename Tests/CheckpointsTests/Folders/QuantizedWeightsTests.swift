// SPDX-License-Identifier: Apache-2.0

import AttuneCheckpoints
import AttuneFormats
import TestSupport
import Testing

@Suite("Weights that another program quantized are refused by name")
struct QuantizedWeightsTests {
  private func error(_ block: String) throws -> QuantizedWeightsError? {
    let folder = try TemporaryFolder()
    try folder.write(
      "{\"model_type\": \"bert\", \"quantization_config\": \(block)}", to: "config.json")
    do {
      _ = try ModelFolder(folder.path).configuration()
      return nil
    } catch let error as QuantizedWeightsError {
      #expect(error.path == folder.path("config.json") && error.exitCode == .data)
      return error
    }
  }

  @Test(
    "The method and its bits are told",
    arguments: [
      (#"{"quant_method": "gptq", "bits": 4}"#, "GPTQ, 4 bits a weight"),
      (#"{"quant_method": "awq", "w_bit": 4}"#, "AWQ, 4 bits a weight"),
      (#"{"quant_method": "bitsandbytes", "load_in_8bit": true}"#, "bitsandbytes, 8 bits a weight"),
      (#"{"load_in_4bit": true, "load_in_8bit": false}"#, "bitsandbytes, 4 bits a weight"),
      (#"{"quant_method": "fp8"}"#, "FP8"), (#"{"quant_method": "newest"}"#, "newest"),
      ("{}", "an unknown method"), ("3", "an unknown method"),
    ])
  func tellsKind(block: String, kind: String) throws {
    let error = try #require(try error(block))
    #expect(error.kind == kind && error.description.contains("quantized by \(kind), which"))
  }

  @Test("How to undo it is said where that can be done")
  func advises() throws {
    let undone = try #require(try error(#"{"quant_method": "bitsandbytes"}"#))
    #expect(undone.advice.contains("model.dequantize().save_pretrained"))
    let kept = try #require(try error(#"{"quant_method": "gptq"}"#))
    #expect(kept.advice == "Use the model that it was made from, which its README names.")
    #expect(try error("null") == nil)
  }
}

// SPDX-License-Identifier: Apache-2.0

public import AttuneFormats

/// A model whose weights another program quantized, as `quantization_config` in its `config.json` says.
public struct QuantizedWeightsError: AttuneError, Equatable {
  /// The file that says so.
  public let path: String
  /// The name of the method, as `gptq`.
  public let method: String
  /// Bits of a weight, where the file tells.
  public let bitCount: Int?

  private static let key = "quantization_config"

  /// Reads `config.json`; nil when the weights are as they were trained, or in 8-bit integers that are read here.
  init?(_ json: JSONField) throws(JSONFieldError) {
    guard try json.has(Self.key), let value = try json.field(at: Self.key).value, value != .null
    else { return nil }
    let block = value.objectValue
    if block?["quant_method"]?.stringValue == ModelFolder.quantizationMethod { return nil }
    path = json.source
    func bits(_ key: String, _ count: Int) -> Int? {
      block?[key] == .bool(true) ? count : nil
    }
    let told = block?["bits"]?.integerValue ?? block?["w_bit"]?.integerValue
    bitCount = told ?? bits("load_in_4bit", 4) ?? bits("load_in_8bit", 8)
    // Files of the first versions name no method; only one had these keys.
    let usual = bitCount != nil && told == nil ? "bitsandbytes" : "an unknown method"
    method = block?["quant_method"]?.stringValue ?? usual
  }

  /// The file is at fault.
  public var exitCode: ExitStatus { .data }

  /// The method and its bits, for people.
  public var kind: String {
    let name =
      Self.methods.first { $0.key == method }?.name ?? String(method.prefix(40))
    return bitCount.map { "\(name), \($0) bits a weight" } ?? name
  }

  /// What the user can do.
  public var advice: String {
    let original = "Use the model that it was made from, which its README names."
    guard Self.methods.first(where: { $0.key == method })?.isUndone ?? false else {
      return original
    }
    return original
      + " Or have Python undo it, on a machine that runs the method:\n"
      + "  import transformers\n"
      + "  model = transformers.AutoModel.from_pretrained(\".\")\n"
      + "  model.dequantize().save_pretrained(\"plain\")\n"
      + "(instead of AutoModel the class that config.json names under \"architectures\", to keep its head)"
  }

  /// The message for the user.
  public var description: String {
    "\(path): \(Self.key): the weights are quantized by \(kind), which is not read. \(advice)"
  }

  /// Names in files, those for people, and whether transformers can undo the method.
  private static let methods: [(key: String, name: String, isUndone: Bool)] = [
    ("bitsandbytes", "bitsandbytes", true), ("gptq", "GPTQ", false), ("awq", "AWQ", false),
    ("hqq", "HQQ", true), ("fp8", "FP8", false), ("fbgemm_fp8", "FBGEMM FP8", false),
    ("compressed-tensors", "compressed-tensors", false), ("torchao", "torchao", false),
    ("quanto", "quanto", false), ("aqlm", "AQLM", false), ("eetq", "EETQ", false),
    ("higgs", "HIGGS", false), ("spqr", "SpQR", false), ("vptq", "VPTQ", false),
    ("bitnet", "BitNet", false), ("mxfp4", "MXFP4", false),
  ]
}

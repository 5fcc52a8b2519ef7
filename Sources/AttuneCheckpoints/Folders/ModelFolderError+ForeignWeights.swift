// SPDX-License-Identifier: Apache-2.0

extension ModelFolderError {
  /// Files with weights that are not read, and how Python makes safetensors of them.
  public enum ForeignWeights: Sendable, Equatable, CaseIterable {
    /// PyTorch's file of one model.
    case torch
    /// One of several files of PyTorch, or its index.
    case torchShards
    /// A training checkpoint of TensorFlow or of Lightning.
    case checkpoint
    /// Keras.
    case keras
    /// JAX.
    case flax

    /// What training keeps beside the model.
    private static let noModels = [
      "training_args.bin", "optimizer.bin", "optimizer.pt", "scheduler.pt",
    ]

    func isName(_ name: String) -> Bool {
      guard !Self.noModels.contains(name) else { return false }
      return switch self {
      case .torch:
        [".bin", ".pt", ".pth", ".pkl"].contains { name.hasSuffix($0) }
          && !Self.torchShards.isName(name)
      case .torchShards:
        name.hasPrefix("pytorch_model") && name.contains(".bin") && name.contains("-")
          || name == "pytorch_model.bin.index.json"
      case .checkpoint: name.hasSuffix(".ckpt") || name.contains(".ckpt.")
      case .keras: name.hasSuffix(".h5") || name.hasSuffix(".keras")
      case .flax: name.hasSuffix(".msgpack")
      }
    }

    /// Whether training keeps the file beside a model.
    static func isKept(_ name: String) -> Bool { noModels.contains(name) }

    var reason: String {
      switch self {
      case .torch, .torchShards, .checkpoint:
        "which can run any program when it is opened and is therefore not read"
      case .keras, .flax: "a format of TensorFlow or JAX that is not read"
      }
    }

    func conversion(of name: String) -> String {
      let target = ModelFolder.weightsFile
      func saving(_ source: String) -> String {
        """
          import torch, safetensors.torch
          weights = torch.load("\(name)", map_location="cpu", weights_only=True)\(source)
          safetensors.torch.save_file({name: tensor.clone().contiguous() for name, tensor in \
        weights.items()}, "\(target)", {"format": "pt"})
        """
      }
      func loading(_ flag: String, _ version: String) -> String {
        """
          import transformers\(version)
          transformers.AutoModel.from_pretrained("."\(flag)).save_pretrained("converted")
        (instead of AutoModel the class that config.json names under "architectures", to keep its head)
        """
      }
      return switch self {
      case .torch: saving("")
      case .checkpoint: saving("[\"state_dict\"]")
      case .torchShards: loading("", "")
      case .keras: loading(", from_tf=True", "  # version 4, with tensorflow")
      case .flax: loading(", from_flax=True", "  # version 4, with flax")
      }
    }
  }
}

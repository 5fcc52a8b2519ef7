// SPDX-License-Identifier: Apache-2.0

public import ArgumentParser
public import AttuneCheckpoints
public import AttuneData
public import AttuneLayers
public import AttuneModels
public import AttuneRecipes
public import AttuneTensors
public import AttuneTokenizers
public import AttuneTraining

// Choices of the library that the command line takes by their names.

extension TextEncoding: ExpressibleByArgument {}
extension PoolingKind: ExpressibleByArgument {}
extension NormPlacement: ExpressibleByArgument {}
extension PositionKind: ExpressibleByArgument {}
extension ClassifierLayout: ExpressibleByArgument {}
extension EmbeddingSimilarity: ExpressibleByArgument {}
extension LearningRateSchedule.Decay: ExpressibleByArgument {}
extension ClassifierSettings.ClassWeighting: ExpressibleByArgument {}
extension ClassifierSettings.TrainingWindows: ExpressibleByArgument {}
extension ClassifierSettings.HiddenStates: ExpressibleByArgument {}
extension ClassifierSettings.FewShotChoice: ExpressibleByArgument {}
extension EvaluationScore: ExpressibleByArgument {}
extension WeightStorage: ExpressibleByArgument {}
extension PackedMatrix.Format: ExpressibleByArgument {}
extension ProductPrecision: ExpressibleByArgument {}
extension ClassificationTask: ExpressibleByArgument {}
extension ScoringTokenization: ExpressibleByArgument {}
extension TranslatorRecipe: ExpressibleByArgument {}
extension TranslatorSettings.Score: ExpressibleByArgument {}
extension CaptionerRecipe: ExpressibleByArgument {}
extension CaptionerSettings.Score: ExpressibleByArgument {}
extension CaptionTokenization: ExpressibleByArgument {}
extension FeatureFormat: ExpressibleByArgument {}
extension VectorScaling: ExpressibleByArgument {}
extension PretrainingRecipe: ExpressibleByArgument {}
extension PretrainingSettings.Documents: ExpressibleByArgument {}
extension CorpusPacking: ExpressibleByArgument {}
extension SentencePieceTrainer.Algorithm: ExpressibleByArgument {}
extension BPETrainer.Alphabet: ExpressibleByArgument {}

extension Delimiter: ExpressibleByArgument {
  /// Takes the name or the character itself.
  public init?(argument: String) {
    switch argument {
    case ",": self = .comma
    case ";": self = .semicolon
    case "\t", "\\t": self = .tab
    case "|": self = .pipe
    default: self.init(rawValue: argument)
    }
  }
}

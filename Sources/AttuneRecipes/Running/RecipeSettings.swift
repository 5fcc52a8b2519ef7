// SPDX-License-Identifier: Apache-2.0

internal import AttuneFormats
internal import AttuneLayers
internal import AttuneTraining

#if canImport(FoundationEssentials)
  internal import FoundationEssentials
#else
  internal import Foundation
#endif

/// What a user may ask of a training; whatever is nil is chosen for them.
public protocol RecipeSettings: Codable, Sendable, Hashable {
  /// Nothing asked.
  init()
}

extension RecipeSettings {
  /// Returns these settings, and `other`'s where these leave a choice.
  public func merged(over other: Self) -> Self {
    let members = other.members.merging(members) { _, own in own }
    do {
      return try Self(members: members)
    } catch {
      preconditionFailure("settings do not survive their own encoding: \(error)")
    }
  }

  /// Names and values of what is set.
  private var members: [String: EncodedMember] {
    do {
      return try JSONDecoder().decode(
        [String: EncodedMember].self, from: JSONEncoder().encode(self))
    } catch {
      preconditionFailure("settings cannot be encoded: \(error)")
    }
  }

  private init(members: [String: EncodedMember]) throws {
    self = try JSONDecoder().decode(Self.self, from: JSONEncoder().encode(members))
  }

  /// The settings as a run file holds them.
  var json: JSONValue {
    do {
      let encoder = JSONEncoder()
      encoder.outputFormatting = .sortedKeys
      return try JSONValue(parsing: Array(encoder.encode(self)), source: "settings")
    } catch {
      preconditionFailure("settings cannot be encoded: \(error)")
    }
  }

  /// The settings of a run file.
  init(_ json: JSONField) throws {
    do {
      self = try JSONDecoder().decode(
        Self.self, from: Data((json.value ?? .null).serialized(.compact)))
    } catch let error as DecodingError {
      throw json.error("the settings cannot be read: \(error)")
    }
  }

  /// Names of what is set here and differs from `other`.
  func differences(from other: Self) -> [String] {
    let (own, others) = (json.objectValue ?? JSONObject(), other.json.objectValue ?? JSONObject())
    return own.members.filter { others[$0.key] != $0.value }.map(\.key)
  }
}

/// What a setting is when it is encoded. `JSONValue` would round the largest seeds.
private enum EncodedMember: Codable {
  case bool(Bool)
  case whole(UInt64)
  case number(Double)
  case text(String)
  case texts([String])

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let value = try? container.decode(Bool.self) {
      self = .bool(value)
    } else if let value = try? container.decode(UInt64.self) {
      self = .whole(value)
    } else if let value = try? container.decode(Double.self) {
      self = .number(value)
    } else if let value = try? container.decode(String.self) {
      self = .text(value)
    } else {
      self = .texts(try container.decode([String].self))
    }
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .bool(let value): try container.encode(value)
    case .whole(let value): try container.encode(value)
    case .number(let value): try container.encode(value)
    case .text(let value): try container.encode(value)
    case .texts(let value): try container.encode(value)
    }
  }
}

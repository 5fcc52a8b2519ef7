// SPDX-License-Identifier: Apache-2.0

internal import AttuneFormats
internal import AttuneLayers
internal import AttuneTraining
internal import Foundation

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

  /// Names and values of what is set, as run files hold them.
  private var members: [String: Any] {
    do {
      let data = try JSONEncoder().encode(self)
      return try JSONSerialization.jsonObject(with: data) as? [String: Any] ?? [:]
    } catch {
      preconditionFailure("settings cannot be encoded: \(error)")
    }
  }

  private init(members: [String: Any]) throws {
    let data = try JSONSerialization.data(withJSONObject: members)
    self = try JSONDecoder().decode(Self.self, from: data)
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

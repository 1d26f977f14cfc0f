/// What every refusal looks like: `{"error":{"code":…,"message":…}}`.
package struct ErrorAnswer: Codable, Sendable, Hashable {
    /// The refusal.
    package var error: Refusal

    /// An answer.
    package init(_ error: Refusal) {
        self.error = error
    }

    /// What was wrong and where.
    package struct Refusal: Codable, Sendable, Hashable {
        /// A name for programs; one of `specs/http.md`.
        package var code: String
        /// What was wrong, for people.
        package var message: String
        /// Which part of the request was wrong: a parameter's or a header's name.
        package var parameter: String?
        /// The limit that was passed.
        package var limit: UInt64?
        /// After how many milliseconds to try again.
        package var retryMilliseconds: UInt64?
        /// `unavailable`: what was being done when it was given up.
        package var stage: String?
        /// `unavailable`: cells that are here.
        package var heldCells: Int?
        /// `unavailable`: cells that would be needed.
        package var neededCells: Int?
        /// `unavailable`: peers that were there to be asked.
        package var peers: Int?
        /// `ambiguous`: the payloads that answer the description.
        package var commitments: [HexBytes]?

        /// A refusal.
        package init(
            code: String, message: String, parameter: String? = nil, limit: UInt64? = nil,
            retryMilliseconds: UInt64? = nil
        ) {
            self.code = code
            self.message = message
            self.parameter = parameter
            self.limit = limit
            self.retryMilliseconds = retryMilliseconds
        }
    }
}

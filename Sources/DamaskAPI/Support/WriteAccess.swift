import DamaskClient
import HTTPTypes
import Hummingbird

/// What a request to write has to show.
enum WriteAccess {
    /// - Throws: `APIError` unless the request has the token.
    static func check(_ request: Request, _ token: AccessToken?) throws {
        var refusal = APIError(
            .unauthorized, .unauthorised,
            "writing needs the node's token as 'Authorization: Bearer …'",
            parameter: "authorization")
        refusal.endsConnection = true
        guard let token else {
            refusal.refusal.message = "this node has no token for writing and takes nothing"
            throw refusal
        }
        guard let text = request.headers[.authorization] else { throw refusal }
        let words = text.split(separator: " ", omittingEmptySubsequences: true)
        guard words.count == 2, words[0].lowercased() == "bearer", token.matches(words[1]) else {
            refusal.refusal.message = "the token is not this node's"
            throw refusal
        }
    }
}

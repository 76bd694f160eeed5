import Foundation

/// Who wants to hash a password.
public struct HashClaim: Sendable {
    /// The client's, as `LoginKeys` names it.
    public let address: [UInt8]
    /// Whether this address or device signed in to the account before.
    public let isKnown: Bool
    public let isRegistration: Bool
    /// Since when it waits.
    public let begun: ContinuousClock.Instant

    public init(
        address: [UInt8], isKnown: Bool = false, isRegistration: Bool = false,
        begun: ContinuousClock.Instant = .now
    ) {
        (self.begun, self.address, self.isKnown) = (begun, address, isKnown)
        self.isRegistration = isRegistration
    }
}

/// Shares hashing fairly between the threads of one process: see `HashLine` for who is next. How many
/// hash at once in all processes together is for `HashSlots` to say.
public final class HashTurns: @unchecked Sendable {  // because `condition` guards `line`
    private let condition = NSCondition()
    private var line: HashLine
    private let patience: Duration

    /// - Parameters:
    ///   - turns: how many hash at once.
    ///   - room: how many hash or wait; one more is refused, or another one in its place.
    ///   - perAddress: how many of one address hash at once.
    ///   - patience: how long one waits.
    public init(turns: Int, room: Int, perAddress: Int, patience: Duration) {
        line = HashLine(turns: turns, room: room, perAddress: perAddress)
        self.patience = patience
    }

    /// Throws `HashingBusy` when there is no room, or no turn in time.
    public func withTurn<Result>(_ claim: HashClaim, _ body: () throws -> Result) throws -> Result {
        let ticket = try turn(for: claim)
        defer {
            condition.withLock { line.leave(ticket) }
            condition.broadcast()
        }
        return try body()
    }

    private func turn(for claim: HashClaim) throws -> Int {
        condition.lock()
        defer { condition.unlock() }
        guard let ticket = line.enter(claim) else { throw HashingBusy() }
        let deadline = Date(timeIntervalSinceNow: patience / .seconds(1))
        // Somebody else may have lost its place.
        condition.broadcast()
        while true {
            switch line.state(of: ticket) {
            case .running: return ticket
            case .gone: throw HashingBusy()
            case .waiting:
                guard condition.wait(until: deadline) || line.state(of: ticket) != .waiting else {
                    line.leave(ticket)
                    throw HashingBusy()
                }
            }
        }
    }
}

/// The order of `HashTurns`, without threads or a clock.
///
/// Whoever is known comes first, but for every fourth turn. Of several addresses the one that had its
/// last turn longest ago is next, so a flood from some delays another by one turn of each of them.
/// Registrations, which anyone can send any number of, take at most half of the turns and of the room.
struct HashLine {
    enum State { case waiting, running, gone }

    private struct Place {
        let ticket: Int
        let claim: HashClaim
        var isRunning = false
    }

    /// Beyond it the addresses that had a turn longest ago are forgotten.
    private static let mostAddresses = 4096

    let turns: Int
    let room: Int
    let perAddress: Int
    /// In the order of arrival.
    private var places: [Place] = []
    private var lastTicket = 0
    /// The number of an address's last turn.
    private var lastTurns: [[UInt8]: Int] = [:]
    private var turnsTaken = 0

    init(turns: Int, room: Int, perAddress: Int) {
        (self.turns, self.room, self.perAddress) = (min(turns, room), room, perAddress)
    }

    /// Tickets of those whose turn it is.
    var running: [Int] { places.filter(\.isRunning).map(\.ticket) }

    func state(of ticket: Int) -> State {
        guard let place = places.first(where: { $0.ticket == ticket }) else { return .gone }
        return place.isRunning ? .running : .waiting
    }

    /// A ticket; nil when there is no room. When the house is full, one of the address that has most
    /// places makes room for an address that has two fewer, and one that is not known for one that is.
    mutating func enter(_ claim: HashClaim) -> Int? {
        let registrations = places.count { $0.claim.isRegistration }
        guard !claim.isRegistration || registrations < max(1, room / 2) else { return nil }
        if places.count >= room {
            guard let index = dispensable(for: claim) else { return nil }
            places.remove(at: index)
        }
        lastTicket += 1
        places.append(Place(ticket: lastTicket, claim: claim))
        giveTurns()
        return lastTicket
    }

    mutating func leave(_ ticket: Int) {
        places.removeAll { $0.ticket == ticket }
        giveTurns()
    }

    private func dispensable(for claim: HashClaim) -> Int? {
        var held: [[UInt8]: Int] = [:]
        for place in places { held[place.claim.address, default: 0] += 1 }
        let waiting = places.indices.filter { !places[$0].isRunning }
        func count(_ index: Int) -> Int { held[places[index].claim.address] ?? 0 }
        let strangers = waiting.filter { !places[$0].claim.isKnown }
        // The last of equals: who came first stays.
        if claim.isKnown, let index = strangers.reversed().max(by: { count($0) < count($1) }) {
            return index
        }
        let candidates = claim.isKnown ? waiting : strangers
        guard let index = candidates.reversed().max(by: { count($0) < count($1) }),
            count(index) > (held[claim.address] ?? 0) + 1
        else { return nil }
        return index
    }

    private mutating func giveTurns() {
        while let index = next() {
            places[index].isRunning = true
            turnsTaken += 1
            lastTurns[places[index].claim.address] = turnsTaken
            if lastTurns.count > Self.mostAddresses {
                let oldest = lastTurns.values.sorted()[Self.mostAddresses / 2]
                lastTurns = lastTurns.filter { $0.value > oldest }
            }
        }
    }

    private func next() -> Int? {
        let running = places.filter(\.isRunning).map(\.claim)
        guard running.count < turns else { return nil }
        let registrations = running.count(where: \.isRegistration)
        let ready = places.indices.filter { index in
            let claim = places[index].claim
            return !places[index].isRunning
                && running.count { $0.address == claim.address } < perAddress
                && (!claim.isRegistration || registrations < max(1, turns / 2))
        }
        let preferred = ready.filter { places[$0].claim.isKnown == (turnsTaken % 4 != 3) }
        func lastTurn(_ index: Int) -> Int { lastTurns[places[index].claim.address] ?? 0 }
        return (preferred.isEmpty ? ready : preferred).min { lastTurn($0) < lastTurn($1) }
    }
}

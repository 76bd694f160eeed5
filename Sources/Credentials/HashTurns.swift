import Foundation

/// A request to hash a password, with what decides its turn.
public struct HashClaim: Sendable {
    /// The digest of the client's address, from `LoginKeys`.
    public let address: [UInt8]
    /// Whether this address or device has signed in to the account before.
    public let isKnown: Bool
    public let isRegistration: Bool
    /// When it began to wait.
    public let begun: ContinuousClock.Instant

    public init(
        address: [UInt8], isKnown: Bool = false, isRegistration: Bool = false,
        begun: ContinuousClock.Instant = .now
    ) {
        (self.begun, self.address, self.isKnown) = (begun, address, isKnown)
        self.isRegistration = isRegistration
    }
}

/// Shares hashing fairly between the threads of one process. `HashQueue` decides which claim is next;
/// `HashSlots` limits how many hash at once in all processes together.
public final class HashTurns: @unchecked Sendable {  // because `condition` guards `line`
    private let condition = NSCondition()
    private var line: HashQueue
    private let timeout: Duration

    /// - Parameters:
    ///   - turns: how many claims hash at once.
    ///   - room: how many claims hash or wait. When all places are taken, a new claim is refused, or
    ///     replaces a waiting one, which is refused then.
    ///   - perAddress: how many claims of one address hash at once.
    ///   - timeout: how long a claim waits.
    public init(turns: Int, room: Int, perAddress: Int, timeout: Duration) {
        line = HashQueue(turns: turns, room: room, perAddress: perAddress)
        self.timeout = timeout
    }

    /// Throws `HashingBusy` if there is no place, or no turn in time.
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
        let deadline = Date(timeIntervalSinceNow: timeout / .seconds(1))
        // Another thread's claim may have been evicted.
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

/// The queue of `HashTurns`, without threads or a clock.
///
/// Known claims come first, except in every fourth turn. Among addresses, the one whose last turn was
/// longest ago is next, so a flood from some addresses delays another by one turn of each of them.
/// Registrations, which anyone can send in any number, take at most half of the turns and of the places.
struct HashQueue {
    enum State { case waiting, running, gone }

    private struct Place {
        let ticket: Int
        let claim: HashClaim
        var isRunning = false
    }

    /// Above this number, the addresses whose last turn was longest ago are forgotten.
    private static let mostAddresses = 4096

    let turns: Int
    let room: Int
    let perAddress: Int
    /// In the order of arrival.
    private var places: [Place] = []
    private var lastTicket = 0
    /// The number of each address's last turn.
    private var lastTurns: [[UInt8]: Int] = [:]
    private var turnsTaken = 0

    init(turns: Int, room: Int, perAddress: Int) {
        (self.turns, self.room, self.perAddress) = (min(turns, room), room, perAddress)
    }

    /// Tickets of the claims that have their turn.
    var running: [Int] { places.filter(\.isRunning).map(\.ticket) }

    func state(of ticket: Int) -> State {
        guard let place = places.first(where: { $0.ticket == ticket }) else { return .gone }
        return place.isRunning ? .running : .waiting
    }

    /// A ticket; nil if there is no place. When all places are taken, a known claim evicts a waiting one that
    /// is not known. Otherwise, the address with the most places loses one to an address that has at least
    /// two fewer.
    mutating func enter(_ claim: HashClaim) -> Int? {
        let registrations = places.count { $0.claim.isRegistration }
        guard !claim.isRegistration || registrations < max(1, room / 2) else { return nil }
        if places.count >= room {
            guard let index = evictable(for: claim) else { return nil }
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

    /// The index of the waiting claim that loses its place to `claim`; nil if `claim` must not replace one.
    private func evictable(for claim: HashClaim) -> Int? {
        var held: [[UInt8]: Int] = [:]
        for place in places { held[place.claim.address, default: 0] += 1 }
        let waiting = places.indices.filter { !places[$0].isRunning }
        func count(_ index: Int) -> Int { held[places[index].claim.address] ?? 0 }
        let unknown = waiting.filter { !places[$0].claim.isKnown }
        // The last of equals, so that earlier claims stay.
        if claim.isKnown, let index = unknown.reversed().max(by: { count($0) < count($1) }) {
            return index
        }
        let candidates = claim.isKnown ? waiting : unknown
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

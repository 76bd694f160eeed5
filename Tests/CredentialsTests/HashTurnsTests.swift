import Foundation
import Support
import Synchronization
import Testing

@testable import Credentials

/// A class around `HashQueue`, because `#expect` cannot contain mutating calls.
private final class Line {
    private var line: HashQueue

    init(turns: Int, room: Int, perAddress: Int) {
        line = HashQueue(turns: turns, room: room, perAddress: perAddress)
    }

    var running: [Int] { line.running }
    func enter(_ claim: HashClaim) -> Int? { line.enter(claim) }
    func leave(_ ticket: Int) { line.leave(ticket) }
    func state(of ticket: Int) -> HashQueue.State { line.state(of: ticket) }
}

@Suite("The order of password hashing")
struct HashLineTests {
    private func claim(_ address: UInt8, known: Bool = false, new: Bool = false) -> HashClaim {
        HashClaim(address: [address], isKnown: known, isRegistration: new)
    }

    @Test("No more than `turns` hashes run at once, and the next starts when one is done")
    func turns() {
        let line = Line(turns: 2, room: 9, perAddress: 9)
        let tickets = (1...3).compactMap { line.enter(claim($0)) }
        #expect(tickets.map { line.state(of: $0) } == [.running, .running, .waiting])
        line.leave(tickets[0])
        #expect(line.state(of: tickets[2]) == .running)
        #expect(line.state(of: tickets[0]) == .gone)
    }

    /// Simulates a flood: 20 addresses have as many requests under way as there is room for, and two turns
    /// of one tick each run at once. Returns how many ticks each sign-in of one honest address waits;
    /// `.max` when it gets no turn.
    private func waits(honestIsKnown: Bool, registering: Bool) -> [Int] {
        let line = Line(turns: 2, room: 24, perAddress: 2)
        var (honest, since) = (nil as Int?, 0)
        var waits: [Int] = []
        for tick in 0..<600 {
            for flooder in 1...20 as ClosedRange<UInt8> {
                for _ in 0..<4 { _ = line.enter(claim(flooder, new: registering)) }
            }
            if honest == nil, tick % 40 == 7 {
                honest = line.enter(claim(0, known: honestIsKnown))
                since = tick
                if honest == nil { waits.append(.max) }
            }
            if let ticket = honest, line.state(of: ticket) != .waiting {
                waits.append(line.state(of: ticket) == .running ? tick - since : .max)
                if line.state(of: ticket) == .running { line.leave(ticket) }
                honest = nil
            }
            for ticket in line.running { line.leave(ticket) }
        }
        return waits
    }

    @Test(
        "In a flood from 20 addresses, a sign-in waits for at most one turn of each of them",
        arguments: [false, true])
    func flood(registering: Bool) {
        let waits = waits(honestIsKnown: false, registering: registering)
        #expect(waits.count == 15)
        // One turn of each of 20 addresses takes 10 ticks of two turns, and one more tick runs already.
        // A hash takes 0.3 s, so 5 s are 16 ticks.
        #expect(waits.allSatisfy { $0 <= 11 }, "\(waits)")
    }

    @Test("In a flood from 20 addresses, a known device or address waits at most one tick")
    func known() {
        let waits = waits(honestIsKnown: true, registering: false)
        #expect(waits.count == 15)
        #expect(waits.allSatisfy { $0 <= 1 }, "\(waits)")
    }

    @Test("A flood of known devices leaves every fourth turn to unknown ones")
    func knownFlood() throws {
        let line = Line(turns: 1, room: 24, perAddress: 2)
        for _ in 0..<20 { _ = line.enter(claim(1, known: true)) }
        let unknown = try #require(line.enter(claim(2)))
        var given = 0
        while line.state(of: unknown) == .waiting {
            given += 1
            line.leave(try #require(line.running.first))
        }
        #expect(given <= 4)
    }

    @Test("Registrations take at most half of the turns and half of the places")
    func registrations() {
        let line = Line(turns: 4, room: 12, perAddress: 4)
        let tickets = (1...9).compactMap { line.enter(claim($0, new: true)) }
        #expect(tickets.count == 6)
        #expect(line.running.count == 2)
        for address in 11...12 as ClosedRange<UInt8> { _ = line.enter(claim(address)) }
        #expect(line.running.count == 4)
    }

    @Test("When all places are taken, a new address gets one only from an address that has more")
    func full() throws {
        let line = Line(turns: 1, room: 6, perAddress: 1)
        let many = (0..<6).compactMap { _ in line.enter(claim(1)) }
        #expect(line.enter(claim(1)) == nil)
        let first = try #require(line.enter(claim(2)))
        #expect(line.state(of: many[5]) == .gone)
        for address in 3...6 as ClosedRange<UInt8> { #expect(line.enter(claim(address)) != nil) }
        #expect(line.enter(claim(7)) == nil)
        #expect(
            line.enter(claim(8, known: true)) != nil,
            "a known client takes the place of an unknown one")
        #expect(line.state(of: many[0]) == .running)
        #expect(line.state(of: first) == .waiting)
    }

    @Test("One address never exceeds its own limit, even if turns are free")
    func perAddress() {
        let line = Line(turns: 8, room: 20, perAddress: 4)
        let tickets = (0..<9).compactMap { _ in line.enter(claim(1)) }
        #expect(tickets.count == 9)
        #expect(line.running.count == 4)
        #expect(line.enter(claim(2)).map { line.state(of: $0) } == .running)
    }
}

@Suite struct HashTurnsTests {
    @Test("Nine simultaneous requests all get a turn, no more than two at a time")
    func threads() throws {
        let turns = HashTurns(turns: 2, room: 9, perAddress: 9, timeout: .seconds(60))
        let now = Mutex(0)
        let most = Mutex(0)
        let done = try atOnce(9) { _ in
            try turns.withTurn(HashClaim(address: [1])) {
                let count = now.withLock { count in
                    count += 1
                    return count
                }
                most.withLock { $0 = max($0, count) }
                usleep(1000)
                now.withLock { $0 -= 1 }
                return true
            }
        }
        #expect(done.count == 9)
        #expect(most.withLock { $0 } <= 2)
    }

    @Test("A request that gets no turn in time fails as busy, and its place is free again")
    func timeout() throws {
        let turns = HashTurns(turns: 1, room: 2, perAddress: 1, timeout: .milliseconds(50))
        try turns.withTurn(HashClaim(address: [1])) {
            for _ in 0..<3 {
                #expect(throws: HashingBusy.self) {
                    try turns.withTurn(HashClaim(address: [2])) {}
                }
            }
        }
        #expect(try turns.withTurn(HashClaim(address: [2])) { true })
    }
}

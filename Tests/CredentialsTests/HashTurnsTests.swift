import Foundation
import Support
import Synchronization
import Testing

@testable import Credentials

/// A reference, since `#expect` takes no mutating calls.
private final class Line {
    private var line: HashLine

    init(turns: Int, room: Int, perAddress: Int) {
        line = HashLine(turns: turns, room: room, perAddress: perAddress)
    }

    var running: [Int] { line.running }
    func enter(_ claim: HashClaim) -> Int? { line.enter(claim) }
    func leave(_ ticket: Int) { line.leave(ticket) }
    func state(of ticket: Int) -> HashLine.State { line.state(of: ticket) }
}

@Suite("Whose turn it is to hash")
struct HashLineTests {
    private func claim(_ address: UInt8, known: Bool = false, new: Bool = false) -> HashClaim {
        HashClaim(address: [address], isKnown: known, isRegistration: new)
    }

    @Test("No more than the turns run, and the next one runs when one is done")
    func turns() {
        let line = Line(turns: 2, room: 9, perAddress: 9)
        let tickets = (1...3).compactMap { line.enter(claim($0)) }
        #expect(tickets.map { line.state(of: $0) } == [.running, .running, .waiting])
        line.leave(tickets[0])
        #expect(line.state(of: tickets[2]) == .running)
        #expect(line.state(of: tickets[0]) == .gone)
    }

    /// 20 addresses that always have as many requests under way as there is room for, with two turns of
    /// one tick each. Counts the ticks that an honest address waits which signs in now and then.
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
        "In a flood from 20 addresses every sign-in has its turn after one of each at the latest",
        arguments: [false, true])
    func flood(registering: Bool) {
        let waits = waits(honestIsKnown: false, registering: registering)
        #expect(waits.count == 15)
        // 20 addresses are 10 ticks of two turns, and one more runs already. A hash takes 0.3 s, so 5 s
        // are 16 ticks.
        #expect(waits.allSatisfy { $0 <= 11 }, "\(waits)")
    }

    @Test("In such a flood a known device or address has the next turn but one")
    func known() {
        let waits = waits(honestIsKnown: true, registering: false)
        #expect(waits.count == 15)
        #expect(waits.allSatisfy { $0 <= 1 }, "\(waits)")
    }

    @Test("A flood of known devices leaves every fourth turn to others")
    func knownFlood() throws {
        let line = Line(turns: 1, room: 24, perAddress: 2)
        for _ in 0..<20 { _ = line.enter(claim(1, known: true)) }
        let stranger = try #require(line.enter(claim(2)))
        var given = 0
        while line.state(of: stranger) == .waiting {
            given += 1
            line.leave(try #require(line.running.first))
        }
        #expect(given <= 4)
    }

    @Test("Registrations have at most half of the turns and of the room")
    func registrations() {
        let line = Line(turns: 4, room: 12, perAddress: 4)
        let tickets = (1...9).compactMap { line.enter(claim($0, new: true)) }
        #expect(tickets.count == 6)
        #expect(line.running.count == 2)
        for address in 11...12 as ClosedRange<UInt8> { _ = line.enter(claim(address)) }
        #expect(line.running.count == 4)
    }

    @Test("A full room: a newcomer takes the last place of whoever has most, but not of its equals")
    func full() throws {
        let line = Line(turns: 1, room: 6, perAddress: 1)
        let many = (0..<6).compactMap { _ in line.enter(claim(1)) }
        #expect(line.enter(claim(1)) == nil)
        let first = try #require(line.enter(claim(2)))
        #expect(line.state(of: many[5]) == .gone)
        for address in 3...6 as ClosedRange<UInt8> { #expect(line.enter(claim(address)) != nil) }
        #expect(line.enter(claim(7)) == nil)
        #expect(line.enter(claim(8, known: true)) != nil, "who is known takes a stranger's place")
        #expect(line.state(of: many[0]) == .running)
        #expect(line.state(of: first) == .waiting)
    }

    @Test("One address hashes no more at once than it may, though turns are free")
    func perAddress() {
        let line = Line(turns: 8, room: 20, perAddress: 4)
        let tickets = (0..<9).compactMap { _ in line.enter(claim(1)) }
        #expect(tickets.count == 9)
        #expect(line.running.count == 4)
        #expect(line.enter(claim(2)).map { line.state(of: $0) } == .running)
    }
}

@Suite struct HashTurnsTests {
    @Test("Nine at once all have their turn, no more than two at a time")
    func threads() throws {
        let turns = HashTurns(turns: 2, room: 9, perAddress: 9, patience: .seconds(60))
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

    @Test("Who gets no turn in time is told that we are busy, and its place is free again")
    func patience() throws {
        let turns = HashTurns(turns: 1, room: 2, perAddress: 1, patience: .milliseconds(50))
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

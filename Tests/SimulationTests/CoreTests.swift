import Simulation
import Testing

@Suite struct CoreTests {
    /// Against sorting by time and number.
    @Test func eventsComeInOneOrder() {
        var random = SimulationSeed(3).fastGenerator("test")
        var queue = EventQueue<Int>()
        var waiting: [(time: Int64, number: Int)] = []
        var last: (Int64, Int) = (.min, -1)
        for number in 0..<20_000 {
            // Never before what was taken already, as in a run.
            let time = max(0, last.0) + Int64(random.next() % 50)
            queue.schedule(number, at: time)
            waiting.append((time, number))
            guard random.next() % 3 == 0, let (time, event) = queue.pop() else { continue }
            #expect(last < (time, event))
            last = (time, event)
        }
        waiting.sort { ($0.time, $0.number) < ($1.time, $1.number) }
        let rest = waiting.suffix(queue.count).map(\.number)
        var taken: [Int] = []
        while let (_, event) = queue.pop() { taken.append(event) }
        #expect(taken == Array(rest))
        #expect(queue.nextTime == nil)
    }

    @Test func purposesHaveGeneratorsOfTheirOwn() {
        let seed = SimulationSeed(7)
        #expect(seed.bytes("a") != seed.bytes("b"))
        #expect(seed.bytes("a", 1) != seed.bytes("a", 2))
        #expect(seed.bytes("a") != SimulationSeed(8).bytes("a"))
        #expect(seed.bytes("a") == SimulationSeed(7).bytes("a"))
    }

    /// 3 Mbit through 1 Mbit/s up and then 0.5 Mbit/s down, and the other way round.
    @Test func accessTakesTime() {
        var sender = Access(upMegabits: 1, downMegabits: 1)
        var receiver = Access(upMegabits: 1, downMegabits: 0.5)
        let (done, span) = sender.send(375_000, now: 0)
        #expect(done == 3_000_000_000 && span == done)
        // The first byte came at once, so half as fast it takes 6 s from then on.
        #expect(receiver.receive(375_000, sentOver: span, now: done) == 6_000_000_000)
        var fast = Access(upMegabits: 1, downMegabits: 100)
        #expect(fast.receive(375_000, sentOver: span, now: done) == done)
        // A second transfer waits for the first.
        #expect(sender.send(125_000, now: 1_000_000_000).done == 4_000_000_000)
    }

    @Test func distributions() {
        let low = Distribution([3, 1, 2])
        let high = Distribution([4, 5, 6])
        #expect(high.probabilityAbove(low) == 1)
        #expect(low.probabilityAbove(low) == 0.5)
        #expect(low.quantile(0.5) == 2 && low.share(atMost: 2) == 2.0 / 3)
        #expect(Distribution([]).quantile(0.5).isNaN)
    }

    @Test func jsonIsWellFormed() {
        let text = JSONText.object([
            ("a\"\n\u{1}", .list([.integer(-3), .number(0.5), .number(.nan), .bool(true), .null]))
        ])
        #expect(text.description == #"{"a\"\n\u0001":[-3,0.5,null,true,null]}"#)
    }
}

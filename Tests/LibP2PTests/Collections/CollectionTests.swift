import LibP2P
import SystemCrypto
import Testing

@Suite struct CollectionTests {
    @Test func sortedSetAgainstSet() {
        var random = SeededRandom(number: 1)
        var sorted = SortedSet<Int>()
        var plain: Set<Int> = []
        for _ in 0..<5000 {
            let value = random.uniform(below: 200)
            if random.uniform(below: 2) == 0 {
                #expect(sorted.insert(value) == plain.insert(value).inserted)
            } else {
                #expect(sorted.remove(value) == (plain.remove(value) != nil))
            }
            #expect(sorted.contains(value) == plain.contains(value))
        }
        #expect(sorted.array == plain.sorted())
        #expect(SortedSet([3, 1, 3, 2, 1]).array == [1, 2, 3])
    }

    @Test func fifoAgainstArray() {
        var random = SeededRandom(number: 2)
        var queue = FIFO<Int>()
        var plain: [Int] = []
        for number in 0..<20_000 {
            switch random.uniform(below: 5) {
            case 0, 1:
                queue.append(number)
                plain.append(number)
            case 2:
                #expect(queue.popFirst() == (plain.isEmpty ? nil : plain.removeFirst()))
            case 3 where number.isMultiple(of: 50):
                queue.filter { !$0.isMultiple(of: 3) }
                plain.removeAll { $0.isMultiple(of: 3) }
            default:
                #expect(queue.first == plain.first)
                #expect(queue.count == plain.count)
            }
        }
        while let value = queue.popFirst() { #expect(value == plain.removeFirst()) }
        #expect(plain.isEmpty)
    }

    @Test func deadlinesAgainstDictionary() {
        var random = SeededRandom(number: 3)
        var queue = DeadlineQueue<Int>()
        var plain: [Int: (at: Instant, number: Int)] = [:]
        var now = Instant.zero
        for number in 0..<20_000 {
            let key = random.uniform(below: 40)
            switch random.uniform(below: 4) {
            case 0, 1:
                let at = now + .milliseconds(random.uniform(below: 100))
                queue.set(key, at: at)
                plain[key] = (at, number)
            case 2:
                queue.cancel(key)
                plain[key] = nil
            default:
                now += .milliseconds(10)
                while let due = queue.popDue(now: now) {
                    let first = plain.min {
                        ($0.value.at, $0.value.number) < ($1.value.at, $1.value.number)
                    }
                    #expect(first?.key == due)
                    plain[due] = nil
                }
                #expect(plain.values.allSatisfy { $0.at > now })
            }
            #expect(queue.next == plain.values.map(\.at).min())
            #expect(queue.count == plain.count)
        }
    }
}

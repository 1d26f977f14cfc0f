import Foundation

/// One operation's median over some runs.
struct Measurement {
    /// The operation, by a name fixed in specs/.
    let name: String
    /// Milliseconds of processor time, all threads of the process together.
    let medianCPUMilliseconds: Double
    /// Milliseconds from begin to end.
    let medianWallMilliseconds: Double
    /// How many runs the medians are of.
    let runs: Int
    /// Threads that the operation could use.
    let threads: Int
    /// Further figures of the operation, such as a throughput, by name.
    var figures: [(name: String, value: Double)] = []

    /// The median of these runs.
    init(name: String, threads: Int, _ samples: [(cpu: Double, wall: Double)]) {
        self.name = name
        self.threads = threads
        runs = samples.count
        medianCPUMilliseconds = Self.median(samples.map(\.cpu))
        medianWallMilliseconds = Self.median(samples.map(\.wall))
    }

    // Runs an operation as often as fits the time, at least `minimumRuns` times. `prepare` makes the
    // input of a run, and its time does not count. The operation checks its own result and throws if
    // that is wrong.
    static func median<Input>(
        of name: String, threads: Int, minimumRuns: Int = 3, maximumRuns: Int = 1000,
        seconds: Double = 1, prepare: () throws -> Input, _ operation: (Input) throws -> Void
    ) throws -> Measurement {
        var samples: [(cpu: Double, wall: Double)] = []
        let begin = Stopwatch()
        while samples.count < minimumRuns
            || (begin.elapsed.wall < seconds * 1000 && samples.count < maximumRuns)
        {
            let input = try prepare()
            let watch = Stopwatch()
            try operation(input)
            samples.append(watch.elapsed)
        }
        return Measurement(name: name, threads: threads, samples)
    }

    // The same for an operation whose result is checked afterwards, outside of the time that counts.
    static func median<Input, Output>(
        of name: String, threads: Int, minimumRuns: Int = 3, maximumRuns: Int = 1000,
        seconds: Double = 1, prepare: () throws -> Input,
        operation: (Input) throws -> Output, check: (Input, Output) throws -> Bool
    ) throws -> Measurement {
        var samples: [(cpu: Double, wall: Double)] = []
        var spent = 0.0
        while samples.count < minimumRuns
            || (spent < seconds * 1000 && samples.count < maximumRuns)
        {
            let input = try prepare()
            let watch = Stopwatch()
            let output = try operation(input)
            let elapsed = watch.elapsed
            samples.append(elapsed)
            spent += elapsed.wall
            guard try check(input, output) else {
                throw CommandFailure(.failed, "\(name): run \(samples.count) gave a wrong result")
            }
        }
        return Measurement(name: name, threads: threads, samples)
    }

    private static func median(_ values: [Double]) -> Double {
        let sorted = values.sorted()
        guard let last = sorted.last else { return 0 }
        let middle = sorted.count / 2
        if sorted.count % 2 == 1 { return sorted[middle] }
        return (sorted[middle - 1] + (sorted.count > 1 ? sorted[middle] : last)) / 2
    }
}

/// Milliseconds since it was made.
struct Stopwatch {
    private let cpu = Self.seconds(CLOCK_PROCESS_CPUTIME_ID)
    private let wall = Self.seconds(CLOCK_MONOTONIC)

    /// Processor time of the whole process, and wall time, both in milliseconds.
    var elapsed: (cpu: Double, wall: Double) {
        (
            (Self.seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu) * 1000,
            (Self.seconds(CLOCK_MONOTONIC) - wall) * 1000
        )
    }

    private static func seconds(_ clock: clockid_t) -> Double {
        var time = timespec()
        clock_gettime(clock, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}

/// Prints measurements: a table, or one JSON object.
enum BenchReport {
    static func write(_ measurements: [Measurement], json: Bool) throws {
        var output = ResultWriter()
        if json {
            let operations = measurements.map { item in
                var fields = [
                    "\"name\":\"\(item.name)\"",
                    "\"median_cpu_ms\":\(number(item.medianCPUMilliseconds))",
                    "\"median_wall_ms\":\(number(item.medianWallMilliseconds))",
                    "\"runs\":\(item.runs)",
                    "\"threads\":\(item.threads)",
                ]
                fields += item.figures.map { "\"\($0.name)\":\(number($0.value))" }
                return "{\(fields.joined(separator: ","))}"
            }
            try output.line("{\"operations\":[\(operations.joined(separator: ","))]}")
        } else {
            let width = measurements.map(\.name.count).max() ?? 0
            for item in measurements {
                let name = item.name.padding(toLength: width, withPad: " ", startingAt: 0)
                let figures = item.figures.map { "  \($0.name) \(number($0.value))" }.joined()
                try output.line(
                    "\(name)  cpu \(number(item.medianCPUMilliseconds)) ms"
                        + "  wall \(number(item.medianWallMilliseconds)) ms"
                        + "  runs \(item.runs)  threads \(item.threads)\(figures)")
            }
        }
        try output.flush()
    }

    private static func number(_ value: Double) -> String {
        String(format: value < 10 ? "%.4f" : "%.2f", value)
    }
}

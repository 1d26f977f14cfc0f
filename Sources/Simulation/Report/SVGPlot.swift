/// A plot of lines over two axes, as an SVG document of its own.
package struct SVGPlot: Sendable {
    /// A line with its name.
    package struct Series: Sendable {
        package let name: String
        package let points: [(Double, Double)]
        /// Drawn as a dashed vertical mark instead if it has a single point.
        package let isDashed: Bool

        package init(_ name: String, _ points: [(Double, Double)], isDashed: Bool = false) {
            self.name = name
            self.points = points
            self.isDashed = isDashed
        }
    }

    private let title: String
    private let axes: (x: String, y: String)
    private let series: [Series]

    private static let size = (width: 760.0, height: 440.0)
    private static let frame = (left: 70.0, top: 48.0, right: 20.0, bottom: 56.0)
    private static let colours = [
        "#1f5fa8", "#c0392b", "#2e8b57", "#8e44ad", "#b9770e", "#566573",
    ]

    /// A plot of these lines.
    package init(title: String, x: String, y: String, series: [Series]) {
        self.title = title
        axes = (x, y)
        self.series = series.filter { !$0.points.isEmpty }
    }

    /// The document.
    package var document: String {
        let x = Self.scale(series.flatMap { $0.points.map(\.0) })
        let y = Self.scale(series.flatMap { $0.points.map(\.1) })
        let size = Self.size
        var parts = [
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"\(Int(size.width))\" "
                + "height=\"\(Int(size.height))\" viewBox=\"0 0 \(Int(size.width)) "
                + "\(Int(size.height))\" font-family=\"sans-serif\" font-size=\"12\">",
            "<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>",
            Self.text(title, at: (Self.frame.left, 24), size: 16),
        ]
        parts += grid(x, y)
        for (index, line) in series.enumerated() { parts.append(path(line, index, x, y)) }
        parts += legend
        parts.append("</svg>")
        return parts.joined(separator: "\n") + "\n"
    }

    // MARK: parts

    private struct Scale {
        let low: Double
        let high: Double
        let step: Double
    }

    /// Round bounds that hold all values, and the distance of marks.
    private static func scale(_ values: [Double]) -> Scale {
        let finite = values.filter(\.isFinite)
        let low = min(0, finite.min() ?? 0)
        var high = finite.max() ?? 1
        if high <= low { high = low + 1 }
        var step = 1.0
        let rough = (high - low) / 5
        while step > rough { step /= 10 }
        while step * 10 <= rough { step *= 10 }
        for factor in [1.0, 2, 5, 10] where step * factor >= rough {
            step *= factor
            break
        }
        let first = (low / step).rounded(.down) * step
        let last = (high / step).rounded(.up) * step
        return Scale(low: first, high: last, step: step)
    }

    private func place(_ point: (Double, Double), _ x: Scale, _ y: Scale) -> (Double, Double) {
        let (size, frame) = (Self.size, Self.frame)
        let width = size.width - frame.left - frame.right
        let height = size.height - frame.top - frame.bottom
        return (
            frame.left + (point.0 - x.low) / (x.high - x.low) * width,
            size.height - frame.bottom - (point.1 - y.low) / (y.high - y.low) * height
        )
    }

    private func grid(_ x: Scale, _ y: Scale) -> [String] {
        var parts: [String] = []
        for mark in Self.marks(x) {
            let (from, to) = (place((mark, y.low), x, y), place((mark, y.high), x, y))
            parts.append(Self.line(from, to, "#e3e6ea"))
            parts.append(
                Self.text(Self.spelled(mark), at: (from.0, from.1 + 18), anchor: "middle"))
        }
        for mark in Self.marks(y) {
            let (from, to) = (place((x.low, mark), x, y), place((x.high, mark), x, y))
            parts.append(Self.line(from, to, "#e3e6ea"))
            parts.append(
                Self.text(Self.spelled(mark), at: (from.0 - 8, from.1 + 4), anchor: "end"))
        }
        parts.append(Self.line(place((x.low, y.low), x, y), place((x.high, y.low), x, y), "#333"))
        parts.append(Self.line(place((x.low, y.low), x, y), place((x.low, y.high), x, y), "#333"))
        let middle = place(((x.low + x.high) / 2, y.low), x, y)
        parts.append(Self.text(axes.x, at: (middle.0, Self.size.height - 16), anchor: "middle"))
        let half = place((x.low, (y.low + y.high) / 2), x, y)
        parts.append(
            "<text transform=\"translate(18 \(Self.number(half.1))) rotate(-90)\" "
                + "text-anchor=\"middle\" fill=\"#333\">\(Self.escaped(axes.y))</text>")
        return parts
    }

    private static func marks(_ scale: Scale) -> [Double] {
        let count = Int(((scale.high - scale.low) / scale.step).rounded())
        return (0...max(1, count)).map { scale.low + Double($0) * scale.step }
    }

    private func path(_ line: Series, _ index: Int, _ x: Scale, _ y: Scale) -> String {
        let colour = Self.colours[index % Self.colours.count]
        let dashes = line.isDashed ? " stroke-dasharray=\"5 4\"" : ""
        guard line.points.count > 1 else {
            let at = line.points[0].0
            let (from, to) = (place((at, y.low), x, y), place((at, y.high), x, y))
            return Self.line(from, to, colour, " stroke-dasharray=\"5 4\"")
        }
        let points = line.points.map { point in
            let (left, top) = place(point, x, y)
            return Self.number(left) + "," + Self.number(top)
        }
        return "<polyline fill=\"none\" stroke=\"\(colour)\" stroke-width=\"2\"\(dashes) points=\""
            + points.joined(separator: " ") + "\"/>"
    }

    private var legend: [String] {
        var parts: [String] = []
        var left = Self.frame.left
        for (index, line) in series.enumerated() {
            let colour = Self.colours[index % Self.colours.count]
            parts.append(Self.line((left, 36), (left + 18, 36), colour, " stroke-width=\"3\""))
            parts.append(Self.text(line.name, at: (left + 24, 40)))
            left += 44 + 7 * Double(line.name.count)
        }
        return parts
    }

    // MARK: pieces

    private static func line(
        _ from: (Double, Double), _ to: (Double, Double), _ colour: String, _ more: String = ""
    ) -> String {
        "<line x1=\"\(number(from.0))\" y1=\"\(number(from.1))\" x2=\"\(number(to.0))\" "
            + "y2=\"\(number(to.1))\" stroke=\"\(colour)\"\(more)/>"
    }

    private static func text(
        _ text: String, at place: (Double, Double), size: Int = 12, anchor: String = "start"
    ) -> String {
        "<text x=\"\(number(place.0))\" y=\"\(number(place.1))\" font-size=\"\(size)\" "
            + "text-anchor=\"\(anchor)\" fill=\"#333\">\(escaped(text))</text>"
    }

    private static func escaped(_ text: String) -> String {
        text.reduce(into: "") { result, character in
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            default: result.append(character)
            }
        }
    }

    /// With one decimal.
    private static func number(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        return "\(tenths < 0 ? "-" : "")\(abs(tenths) / 10).\(abs(tenths) % 10)"
    }

    /// A mark's number, without digits that rounding left.
    private static func spelled(_ value: Double) -> String {
        let rounded = (value * 1e6).rounded() / 1e6
        return rounded == rounded.rounded() && abs(rounded) < 1e15
            ? String(Int(rounded)) : "\(rounded)"
    }
}

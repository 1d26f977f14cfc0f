/// Drawing without replacement: `draws` distinct cells out of `population`, of which `marked` are
/// of one kind.
///
/// Everything is computed with products and ratios of doubles, at most a few hundred of them, so
/// results are exact to some 13 digits.
enum Hypergeometric {
    /// The probability that none of the draws is marked:
    /// `C(population - marked, draws) / C(population, draws)`.
    static func none(population: Int, marked: Int, draws: Int) -> Double {
        guard draws <= population - marked else { return 0 }
        var probability = 1.0
        for draw in 0..<draws {
            probability *= Double(population - marked - draw) / Double(population - draw)
        }
        return probability
    }

    /// The probability that at most `bound` of the draws are marked.
    ///
    /// - Parameters:
    ///   - bound: Zero or more.
    ///   - population: The number of cells.
    ///   - marked: How many of them are marked.
    ///   - draws: How many are drawn, at most `population`.
    /// - Returns: A number from 0 to 1.
    static func atMost(_ bound: Int, population: Int, marked: Int, draws: Int) -> Double {
        let probabilities = distribution(population: population, marked: marked, draws: draws)
        return min(probabilities.prefix(bound + 1).reduce(0, +), 1)
    }

    /// The probabilities that 0, 1, ... `draws` of the draws are marked.
    ///
    /// Neighbours have a simple ratio, so they are built outwards from the most likely number,
    /// which cannot underflow, and divided by their sum.
    static func distribution(population: Int, marked: Int, draws: Int) -> [Double] {
        var weights = [Double](repeating: 0, count: draws + 1)
        let least = max(0, draws - (population - marked))
        let most = min(draws, marked)
        let likely = (draws + 1) * (marked + 1) / (population + 2)
        let start = min(max(likely, least), most)
        weights[start] = 1
        var sum = 1.0
        // P(i + 1) / P(i) = (draws - i)(marked - i) / ((i + 1)(population - marked - draws + i + 1))
        var weight = 1.0
        for i in start..<most {
            weight *= Double(draws - i) * Double(marked - i)
            weight /= Double(i + 1) * Double(population - marked - draws + i + 1)
            weights[i + 1] = weight
            sum += weight
        }
        weight = 1
        for i in (least..<start).reversed() {
            weight *= Double(i + 1) * Double(population - marked - draws + i + 1)
            weight /= Double(draws - i) * Double(marked - i)
            weights[i] = weight
            sum += weight
        }
        for index in weights.indices { weights[index] /= sum }
        return weights
    }
}

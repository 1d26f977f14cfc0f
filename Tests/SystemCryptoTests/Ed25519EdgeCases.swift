import Testing

/// Signatures on which libraries disagree, made by direct computation in the group.
///
/// Most of those marked invalid fulfil the plain verification equation: only the rules on encodings
/// and orders refuse them.
struct EdgeCase: CustomTestStringConvertible, Sendable {
    let name: String
    let key: String
    let signature: String
    let message: String
    let valid: Bool

    init(_ name: String, key: String, signature: String, message: String, valid: Bool) {
        self.name = name
        self.key = key
        self.signature = signature
        self.message = message
        self.valid = valid
    }

    var testDescription: String { name }

    static let all: [EdgeCase] = [
        EdgeCase(
            "plain",
            key: "f27cb81402e6860c926ff81f393d14340e41a70bc0b0195cf64a90b348cb2fc4",
            signature: "f87a22889707d326b221b2dba4102625f99227c2febe06664c8d9409eb213e21"
                + "0836fc0c5015b573374cf2cd4c5166bcfeaafcefd3a2ed4fef6e0dc20b12f90b",
            message: "damask", valid: true),
        EdgeCase(
            "S + L",
            key: "f27cb81402e6860c926ff81f393d14340e41a70bc0b0195cf64a90b348cb2fc4",
            signature: "f87a22889707d326b221b2dba4102625f99227c2febe06664c8d9409eb213e21"
                + "f509f2696a78c7cb0de9e9702b4b45d1feaafcefd3a2ed4fef6e0dc20b12f91b",
            message: "damask", valid: false),
        EdgeCase(
            "S + 8L",
            key: "f27cb81402e6860c926ff81f393d14340e41a70bc0b0195cf64a90b348cb2fc4",
            signature: "f87a22889707d326b221b2dba4102625f99227c2febe06664c8d9409eb213e21"
                + "70d5aaf4222e4834ea32afe541205e63ffaafcefd3a2ed4fef6e0dc20b12f98b",
            message: "damask", valid: false),
        EdgeCase(
            "key of small order, 0 times the generator of the torsion",
            key: "0100000000000000000000000000000000000000000000000000000000000000",
            signature: "f87a22889707d326b221b2dba4102625f99227c2febe06664c8d9409eb213e21"
                + "03fcae421b119b26bafd00b62f5b87e41fe5abef52055e4964b82fb213f59301",
            message: "damask0", valid: false),
        EdgeCase(
            "key of small order, 1 times the generator of the torsion",
            key: "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
            signature: "f87a22889707d326b221b2dba4102625f99227c2febe06664c8d9409eb213e21"
                + "03fcae421b119b26bafd00b62f5b87e41fe5abef52055e4964b82fb213f59301",
            message: "damask4", valid: false),
        EdgeCase(
            "key of small order, 2 times the generator of the torsion",
            key: "0000000000000000000000000000000000000000000000000000000000000080",
            signature: "f87a22889707d326b221b2dba4102625f99227c2febe06664c8d9409eb213e21"
                + "03fcae421b119b26bafd00b62f5b87e41fe5abef52055e4964b82fb213f59301",
            message: "damask2", valid: false),
        EdgeCase(
            "key of small order, 3 times the generator of the torsion",
            key: "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
            signature: "f87a22889707d326b221b2dba4102625f99227c2febe06664c8d9409eb213e21"
                + "03fcae421b119b26bafd00b62f5b87e41fe5abef52055e4964b82fb213f59301",
            message: "damask8", valid: false),
        EdgeCase(
            "key of small order, 4 times the generator of the torsion",
            key: "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            signature: "f87a22889707d326b221b2dba4102625f99227c2febe06664c8d9409eb213e21"
                + "03fcae421b119b26bafd00b62f5b87e41fe5abef52055e4964b82fb213f59301",
            message: "damask0", valid: false),
        EdgeCase(
            "key of small order, 5 times the generator of the torsion",
            key: "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
            signature: "f87a22889707d326b221b2dba4102625f99227c2febe06664c8d9409eb213e21"
                + "03fcae421b119b26bafd00b62f5b87e41fe5abef52055e4964b82fb213f59301",
            message: "damask4", valid: false),
        EdgeCase(
            "key of small order, 6 times the generator of the torsion",
            key: "0000000000000000000000000000000000000000000000000000000000000000",
            signature: "f87a22889707d326b221b2dba4102625f99227c2febe06664c8d9409eb213e21"
                + "03fcae421b119b26bafd00b62f5b87e41fe5abef52055e4964b82fb213f59301",
            message: "damask0", valid: false),
        EdgeCase(
            "key of small order, 7 times the generator of the torsion",
            key: "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
            signature: "f87a22889707d326b221b2dba4102625f99227c2febe06664c8d9409eb213e21"
                + "03fcae421b119b26bafd00b62f5b87e41fe5abef52055e4964b82fb213f59301",
            message: "damask20", valid: false),
        EdgeCase(
            "key identity with the sign bit",
            key: "0100000000000000000000000000000000000000000000000000000000000080",
            signature: "f87a22889707d326b221b2dba4102625f99227c2febe06664c8d9409eb213e21"
                + "03fcae421b119b26bafd00b62f5b87e41fe5abef52055e4964b82fb213f59301",
            message: "damask0", valid: false),
        EdgeCase(
            "key y = p + 1",
            key: "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            signature: "f87a22889707d326b221b2dba4102625f99227c2febe06664c8d9409eb213e21"
                + "03fcae421b119b26bafd00b62f5b87e41fe5abef52055e4964b82fb213f59301",
            message: "damask0", valid: false),
        EdgeCase(
            "key order 2 with the sign bit",
            key: "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
            signature: "f87a22889707d326b221b2dba4102625f99227c2febe06664c8d9409eb213e21"
                + "03fcae421b119b26bafd00b62f5b87e41fe5abef52055e4964b82fb213f59301",
            message: "damask1", valid: false),
        EdgeCase(
            "key y = p (order 4)",
            key: "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            signature: "f87a22889707d326b221b2dba4102625f99227c2febe06664c8d9409eb213e21"
                + "03fcae421b119b26bafd00b62f5b87e41fe5abef52055e4964b82fb213f59301",
            message: "damask0", valid: false),
        EdgeCase(
            "key y = p with the sign bit",
            key: "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
            signature: "f87a22889707d326b221b2dba4102625f99227c2febe06664c8d9409eb213e21"
                + "03fcae421b119b26bafd00b62f5b87e41fe5abef52055e4964b82fb213f59301",
            message: "damask5", valid: false),
        EdgeCase(
            "R is the identity",
            key: "f27cb81402e6860c926ff81f393d14340e41a70bc0b0195cf64a90b348cb2fc4",
            signature: "0100000000000000000000000000000000000000000000000000000000000000"
                + "80759d2abed50a24b0699b0dd7e32643f2074b1f22c85080a5ca96573d46ae08",
            message: "damask", valid: false),
        EdgeCase(
            "R of small order 1, key of mixed order",
            key: "988b8b06afc3abd50c44e1396f4587342176485abb80721cfde8385f5e9320ce",
            signature: "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"
                + "111704492cfb1aa26dd0e340bc8f2ac7a8167b388abff7cd20b21d2f40bca50d",
            message: "damask15", valid: false),
        EdgeCase(
            "R of small order 2, key of mixed order",
            key: "988b8b06afc3abd50c44e1396f4587342176485abb80721cfde8385f5e9320ce",
            signature: "0000000000000000000000000000000000000000000000000000000000000080"
                + "e6f8c7095d944777778ddc206300c343a17b18938a4a826c939c7fc68a5a230e",
            message: "damask3", valid: false),
        EdgeCase(
            "R of small order 4, key of mixed order",
            key: "988b8b06afc3abd50c44e1396f4587342176485abb80721cfde8385f5e9320ce",
            signature: "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"
                + "befcac65e993fc465f69c70a2cec06f32c951ce518aa3df8671b59494a56e50d",
            message: "damask0", valid: false),
        EdgeCase(
            "key of mixed order, equation holds",
            key: "988b8b06afc3abd50c44e1396f4587342176485abb80721cfde8385f5e9320ce",
            signature: "f87a22889707d326b221b2dba4102625f99227c2febe06664c8d9409eb213e21"
                + "872a697777f95ddd362f329eaf46d6e04fa6d6084d9c1f8dd94942f556f8b006",
            message: "damask2", valid: true),
        EdgeCase(
            "key of mixed order, equation holds only times the cofactor",
            key: "988b8b06afc3abd50c44e1396f4587342176485abb80721cfde8385f5e9320ce",
            signature: "f87a22889707d326b221b2dba4102625f99227c2febe06664c8d9409eb213e21"
                + "bf59ee0ebb888f7a5f77723887ee01a1294c30b7a9d4657e2c78d49b1d4ec408",
            message: "damask11", valid: false),
        EdgeCase(
            "R of mixed order, equation holds only times the cofactor",
            key: "f27cb81402e6860c926ff81f393d14340e41a70bc0b0195cf64a90b348cb2fc4",
            signature: "f584dd7768f82cd94dde4d245befd9da066dd83d0141f999b3726bf614dec1de"
                + "44cda123e7d048fc722aa08b726a98fdeea8b7ba5ea7ecc60b83dffa2312e109",
            message: "damask", valid: false),
        EdgeCase(
            "R and key of mixed order, equation holds",
            key: "988b8b06afc3abd50c44e1396f4587342176485abb80721cfde8385f5e9320ce",
            signature: "c89e20569356f0d79ae78328885ece13babf57ec8778078494b24412e041fee1"
                + "7b6973cf49ca08e11f77ebfb40444e9af742d2cfb63af9f332928e58c61fa203",
            message: "damask1", valid: true),
        EdgeCase(
            "S = 0 and R = identity, key of small order",
            key: "0100000000000000000000000000000000000000000000000000000000000000",
            signature: "0100000000000000000000000000000000000000000000000000000000000000"
                + "0000000000000000000000000000000000000000000000000000000000000000",
            message: "damask", valid: false),
        EdgeCase(
            "key off the curve",
            key: "0200000000000000000000000000000000000000000000000000000000000000",
            signature: "f87a22889707d326b221b2dba4102625f99227c2febe06664c8d9409eb213e21"
                + "0836fc0c5015b573374cf2cd4c5166bcfeaafcefd3a2ed4fef6e0dc20b12f90b",
            message: "damask", valid: false),
        EdgeCase(
            "R off the curve",
            key: "f27cb81402e6860c926ff81f393d14340e41a70bc0b0195cf64a90b348cb2fc4",
            signature: "0200000000000000000000000000000000000000000000000000000000000000"
                + "0836fc0c5015b573374cf2cd4c5166bcfeaafcefd3a2ed4fef6e0dc20b12f90b",
            message: "damask", valid: false),
    ]
}

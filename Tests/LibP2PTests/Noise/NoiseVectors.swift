/// One handshake with fixed keys, computed by an independent implementation.
enum NoiseVectors {
    static let initiatorIdentity = [UInt8](repeating: 0x11, count: 32)
    static let initiatorStatic = [UInt8](repeating: 0x21, count: 32)
    static let initiatorEphemeral = [UInt8](repeating: 0x31, count: 32)
    static let responderIdentity = [UInt8](repeating: 0x12, count: 32)
    static let responderStatic = [UInt8](repeating: 0x22, count: 32)
    static let responderEphemeral = [UInt8](repeating: 0x32, count: 32)
    static let muxers = ["/yamux/1.0.0"]
    static let initiatorPayload = [UInt8](
        hex: "0a2408011220d04ab232742bb4ab3a1368bd4615e4e6d0224ab71a016baf8520a332c9778737"
            + "1240910c99d6356e53eccd1826de0d6198cd1e9497c75470d078d7088d05db2df56ef977fcdb"
            + "b12ba723920669b8d7f1dbe1fe096c2d828a446a5878af8ff8bcba0d220e120c2f79616d7578"
            + "2f312e302e30")
    static let responderPayload = [UInt8](
        hex: "0a2408011220204040e364c10f2bec9c1fe500a1cd4c247c89d650a01ed7e82caba867877c21"
            + "12406ba44299eda3df9355a1a098e6c26a241c91aae917f990ae75baef19dfa9ac8f222eaf2f"
            + "06963c77dfb7be1857df231d64e69ef080637ed5b65fa3ac74ea680e220e120c2f79616d7578"
            + "2f312e302e30")
    static let message1 = [UInt8](
        hex: "04f5f29162c31a8defa18e6e742224ee806fc1718a278be859ba5620402b8f3a")
    static let message2 = [UInt8](
        hex: "59d9225473451efffe6b36dbcaefdbf7b1895de62084509a7f5b58bf01d064185b4d57a16496"
            + "aec1ca65c7c177f8b380dc9592d57d439f3d91b1141bcb757ae6d4d6c2c9b466a8520bf0d958"
            + "033d0010b21f1222cbee5a84325793667d46fcf832e09177dea386d1a6783587e66b57d07223"
            + "ce2622773215626cd2c857d16c2686e217b361f3a734f95193d8b6ef52753a8c822559b8d7af"
            + "b63580623f8a90808e0ba77b9994ea7cbb2c52b2f25ace04e18a201e5401081ee409ad2c2821"
            + "7a3dce2343710debe89dad36641c81b203f3963bdfb4e1dc1f67")
    static let message3 = [UInt8](
        hex: "ee3f3f63a3c4f032d56bdefa3bf8c824bf095c1b6b7a83daff41fcc094014de6f50c2d8390c4"
            + "5adc82cd3962cdc0292930daa93ff8e79e2c0bb44014d39204ef9cbb174f76d5456637486ff8"
            + "13febb0dd4631aab0163a58035ea509e3f10558ae854acae898d9b31abf14121ce2f0b3964b8"
            + "f146d04e69b2175860116c95b767f2468d6ccc388bb107a48ae6a3c503b170554b51e0475b2c"
            + "856d1d6e45ac0a03a59670a5333dee48524cf8fc07815070f50acb0d6fd0a19e")
    static let handshakeHash = [UInt8](
        hex: "855a4e0b9fb2e53b57bd8bda427976ce4654af056d2624d463ecbd47c1c8551b")
    static let initiatorFrames = [
        [UInt8](hex: "491175c356e81cec443362f1c7e7357c29b8f159e0daacdf38480322e0df5eed3d4665f4"),
        [UInt8](hex: "fdb0eb68268eca2593c570256cd6289a"),
    ]
    static let responderFrames = [
        [UInt8](hex: "d110e073ecb8954691e78934aecc6f6d4a58a25b9def9f0e1de58559dc7e36c455a96a81"),
        [UInt8](hex: "2244f92c18fc573a198fa2ccc05e9f209d15900f2e48"),
    ]
}

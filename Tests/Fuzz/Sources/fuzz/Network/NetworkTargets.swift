let networkTargets: [FuzzTarget] = [
    protobufTarget, addressTarget, multistreamTarget, noiseTarget, yamuxTarget, connectionTarget,
    gossipsubTarget, requestsTarget,
]

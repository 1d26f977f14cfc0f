let nodeTargets: [FuzzTarget] = []

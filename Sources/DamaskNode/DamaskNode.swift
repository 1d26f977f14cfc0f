// DamaskNode

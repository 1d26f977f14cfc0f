public import SSZ

/// The root of a block's header (`hash_tree_root`): what names a block everywhere.
public typealias BlockRoot = Bytes32

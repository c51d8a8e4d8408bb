internal import CBoxLinux

extension OwnProcess {
    /// keyctl(KEYCTL_JOIN_SESSION_KEYRING): a new, empty session keyring in the place of the one inherited.
    /// ENOSYS: the kernel has no keys at all. EDQUOT: the user has as many as kernel.keys.maxkeys allows.
    public static func joinNewSessionKeyring() throws(Errno) { try check(box_join_session_keyring()) }
}

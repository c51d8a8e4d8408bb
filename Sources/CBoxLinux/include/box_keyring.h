// Kernel keyrings. Every function returns the call's value, or -errno.
#pragma once

// keyctl(KEYCTL_JOIN_SESSION_KEYRING, NULL): a new, empty session keyring; its serial number.
long box_join_session_keyring(void);

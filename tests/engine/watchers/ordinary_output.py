"""What programs print that call no one: colors, progress, titles, links, marks of prompts."""

ORDINARY = {
    "cargo": (
        b"\x1b[1m\x1b[32m   Compiling\x1b[0m serde v1.0.203\r\n"
        b"\x1b]9;4;1;12\x1b\\\x1b[K\x1b[1m\x1b[36m    Building\x1b[0m [==>      ] 12/97: serde, syn\r"
        b"\x1b]9;4;1;98\x1b\\\x1b[K\x1b]9;4;0;\x1b\\\x1b[1m\x1b[32m    Finished\x1b[0m dev in 3.2s\r\n"
        b"\x1b[0m\x1b[1m\x1b[33mwarning\x1b[0m: unused variable: `x`\r\n"
    ),
    "pytest": (
        b"\x1b[1m============ test session starts ============\x1b[0m\r\n"
        b"tests/test_a.py \x1b[32m.\x1b[0m\x1b[31mF\x1b[0m\x1b[33ms\x1b[0m\x1b[31m      [ 50%]\x1b[0m\r\n"
        b"E       AssertionError: waiting for input? (y/n)\r\n"
        b"\x1b[31m======== \x1b[1m1 failed\x1b[0m, \x1b[32m1 passed\x1b[0m\x1b[31m in 0.1s =====\x1b[0m\r\n"
    ),
    "npm": (
        b"\x1b[?25l\x1b[1G\x1b[0K\xe2\xa0\x8b\x1b[1G\x1b[0K\xe2\xa0\x99\x1b[1G\x1b[0K\x1b[?25h"
        b"\r\nadded 211 packages, and audited 212 packages in 2s\r\n"
        b"\x1b]0;npm run build\x07> app@1.0.0 build\r\n> vite build\r\n\x1b]0;\x07"
    ),
    "pip": (
        b"Downloading torch.whl (906 MB)\r\n\x1b[2K   \x1b[38;5;197m\xe2\x94\x81\x1b[0m"
        b"\x1b[38;5;237m\xe2\x94\x81\x1b[0m \x1b[32m0.9/906 MB\x1b[0m \x1b[36m0:00:12\x1b[0m\r\n"
    ),
    "shell with marks": (
        b"\x1b]133;A\x07\x1b]7;file://box/home/me\x07\x1b]0;me@box: ~\x07$ \x1b]133;B\x07make\r\n"
        b"\x1b]133;C\x07cc -c a.c\r\n\x1b]133;D;0\x07\x1b]777;precmd\x07\x1b]1337;CurrentDir=/x\x07"
    ),
    "links and clipboard": (
        b"\x1b]8;;https://example.org/a;b\x07a link\x1b]8;;\x07 \x1b]52;c;aGVsbG8=\x07\x1b]11;?\x07"
        b"\x1b]10;rgb:ff/ff/ff\x1b\\\x1b]4;1;rgb:00/00/00\x07\x1b]104\x07"
    ),
    "kitty": b"\x1b]99;i=1:p=?;\x1b\\\x1b]99;i=1:p=close;\x1b\\\x1b_Gi=1,a=q;AAAA\x1b\\\x1bP+q544e\x1b\\",
    "sixel with bells": b"\x1bPq#0;2;0;0;0#0~~@@vv\x07~~@@~~$\x1b\\",
    "tmux and screen": b"\x1bPtmux;\x1b\x1b]0;title\x07\x1b\\\x1bkname\x1b\\",
    "conemu": b"\x1b]9;1;100\x07\x1b]9;9;C:\\Users\x07\x1b]9;4;3;0\x07\x1b]9;12\x07",
    "charset and modes": b"\x1b(B\x1b)0\x1b[?1h\x1b=\x1b[?2004h\x1b[?1004h\x1b[?2026h\x1b[?2026l\x1b[?1049h",
}

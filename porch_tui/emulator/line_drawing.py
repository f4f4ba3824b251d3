"""The character set of lines and corners (`ESC ( 0`), which a program writes as letters."""

from __future__ import annotations

LINE_DRAWING = str.maketrans("+,-.0`abcdefghijklmnopqrstuvwxyz{|}~", "→←↑↓▮◆▒␉␌␍␊°±␤␋┘┐┌└┼⎺⎻─⎼⎽├┤┴┬│≤≥π≠£·")

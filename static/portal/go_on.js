// The answer of a SAML provider comes without our cookie; sent once more from here, the cookie goes along.
document.querySelector("form[data-go-on]")?.requestSubmit();

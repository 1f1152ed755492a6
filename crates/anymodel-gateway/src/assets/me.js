// The QR code of a card leads to /me#KEY. A browser sends no fragment, so the key is put into the form here, and out of
// the address.
"use strict";
const field = document.getElementById("key");
if (field && location.hash.startsWith("#am-")) {
  field.value = location.hash.slice(1);
  history.replaceState(null, "", location.pathname + location.search);
  document.getElementById("open").focus();
}

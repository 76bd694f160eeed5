// Browsers give access to the clipboard only on HTTPS and localhost. Elsewhere the text is selected,
// so that the user can copy it with the keyboard.

export async function copy(field) {
  try {
    await navigator.clipboard.writeText(field.value ?? field.textContent);
    return true;
  } catch {
    if (field.select) {
      field.focus();
      field.select();
    } else {
      getSelection().selectAllChildren(field);
    }
    return false;
  }
}

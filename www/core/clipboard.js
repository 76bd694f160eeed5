// Browsers open the clipboard to HTTPS and localhost alone; elsewhere the text is selected, ready
// for the keyboard's own copy.

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

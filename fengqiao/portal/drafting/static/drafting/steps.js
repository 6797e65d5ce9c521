// Fields that do not apply by another answer are put away while they are empty. Without this file all of them stand there.

function given(form, name) {
  const fields = [...form.querySelectorAll(`[name="${CSS.escape(name)}"]`)];
  const chosen = fields.find((field) => field.type !== "radio" || field.checked);
  return chosen ? chosen.value : "";
}

function filled(field) {
  return field.type === "radio" ? field.checked : field.value.trim() !== "";
}

function arrange(form) {
  for (const field of form.querySelectorAll("[data-when]")) {
    const block = field.closest(".field");
    if (!block) continue;
    const asked = field.dataset.when.split(";").every((rule) => {
      const [name, values] = rule.split("=");
      return values.split("|").includes(given(form, name));
    });
    const same = [...form.querySelectorAll(`[name="${CSS.escape(field.name)}"]`)];
    block.hidden = !asked && !same.some(filled) && !block.classList.contains("field-wrong");
  }
}

for (const form of document.querySelectorAll(".step-form")) {
  form.addEventListener("change", () => arrange(form));
  arrange(form);
}

document.getElementById("changed")?.focus();

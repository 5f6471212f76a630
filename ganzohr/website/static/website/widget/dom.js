// Elements without markup strings: works where the host page allows neither inline styles nor innerHTML.
export const el = (name, attributes = {}, ...children) => {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === false || value == null) continue;
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (key in made && typeof value === "boolean") made[key] = value;
    else made.setAttribute(key, value);
  }
  made.append(...children.filter((child) => child != null && child !== false));
  return made;
};

const PATHS = {
  ear: ["M12.3 1.500C7.300 1.500 3.500 4.900 3.500 9.400c0 2 .9 3.900 2.100 5.400.8 1 1.100 2 1.100 3.300 0 2.600 1.900 4.400 4.700 4.400 4.200 0 4.400-3.900 5.900-6.100 1.300-1.900 3.500-3.500 3.500-7.200 0-4.500-3.700-7.700-8.500-7.700z", "M7.600 9.200c.2-2.200 2-3.700 4.500-3.700 2.600 0 4.500 1.700 4.500 4 0 1.600-.8 2.600-1.900 3.700M8.200 12.900c1.600-1.100 4-.3 4 1.600 0 1.200-.9 2-2 2.400"],
  x: ["M6 6l12 12M18 6L6 18"],
  clip: ["m19 11.200-7.100 7.100a4.300 4.300 0 0 1-6.100-6.100l7.400-7.400a2.900 2.900 0 0 1 4.100 4.100l-7.400 7.400a1.400 1.400 0 0 1-2-2l6.600-6.600"],
  send: ["M4.500 12 20 4.500 15.500 20l-3.700-6.300z"],
  clock: ["M12 3.800a8.200 8.200 0 1 0 0 16.400 8.200 8.200 0 0 0 0-16.400z", "M12 7.200v5l3.200 1.900"],
};

export const icon = (name) => {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("class", `icon icon-${name}`);
  for (const d of PATHS[name]) {
    const path = document.createElementNS(svg.namespaceURI, "path");
    path.setAttribute("d", d);
    svg.append(path);
  }
  return svg;
};

export const random = (bytes) =>
  btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(bytes))))
    .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

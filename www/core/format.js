// Formats numbers, byte counts and times in the page's language.

import { text } from "/strings.js";

const language = document.documentElement.lang;
const units = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"];

// Powers of 1000 (IEC 80000-13), as in the API's `size`.
export function bytes(count) {
  const power = count < 1000 ? 0 : Math.min(4, Math.floor(Math.log10(count) / 3));
  const value = count / 1000 ** power;
  return new Intl.NumberFormat(language, {
    style: "unit",
    unit: units[power],
    unitDisplay: power ? "short" : "long",
    maximumFractionDigits: value < 10 && power ? 1 : 0,
  }).format(value);
}

export const number = (value) => new Intl.NumberFormat(language).format(value);
export const percent = (part) =>
  new Intl.NumberFormat(language, {
    style: "percent",
    maximumFractionDigits: part > 0 && part < 0.01 ? 1 : 0,
  }).format(part);
export const pixels = (width, height) => text.pixels(number(width), number(height));

const dateAndTime = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" });
const day = new Intl.DateTimeFormat(language, { dateStyle: "medium" });
export const time = (instant) => dateAndTime.format(new Date(instant));
export const date = (instant) => day.format(new Date(instant));

const names = {
  "image/jpeg": "JPEG",
  "image/png": "PNG",
  "image/webp": "WebP",
  "image/gif": "GIF",
  "image/avif": "AVIF",
  "image/heic": "HEIC",
};
export const format = (mediaType) => names[mediaType] ?? mediaType;
export const formats = (mediaTypes) =>
  new Intl.ListFormat(language, { type: "disjunction" }).format(mediaTypes.map(format));

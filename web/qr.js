// What the pages take of npm's `qr`: to read a code from a picture, and to draw one.
export { default as encodeQR } from "qr";
export { default as decodeQR } from "qr/decode.js";

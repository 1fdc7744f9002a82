// Reduces the outlines of provinces and cities that npm's `echarts` 4.9.0 carries to what the map page draws:
// an equal-area projection, in whole units of a picture WIDTH wide, as data of SVG paths. Why: docs/adr/0021.
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const WIDTH = 1000;
const MARGIN = 6;
const TOLERANCE = 0.7; // units that a simplified line may be away from its points
const SMALLEST = 1.5; // square units of the smallest ring that is drawn
const SOUTHERNMOST = 17.5; // degrees: what is further south is in the inset
const BY_PROVINCE = new Set(["11", "12", "31", "50", "71", "81", "82"]); // drawn whole, as one city each

const BECAME = { 3712: "3701", 5424: "5406", 6522: "6505" }; // numbers retired since the package was made

const here = dirname(fileURLToPath(import.meta.url));
const source = join(here, "node_modules/echarts/map/json");
const read = (name) => JSON.parse(readFileSync(join(source, name), "utf-8")).features;

// Albers' conic for China: standard parallels 25° and 47°, centre 105° east.
const radians = (degrees) => (degrees * Math.PI) / 180;
const [first, second] = [radians(25), radians(47)];
const n = (Math.sin(first) + Math.sin(second)) / 2;
const c = Math.cos(first) ** 2 + 2 * n * Math.sin(first);
function project([longitude, latitude]) {
  const radius = Math.sqrt(c - 2 * n * Math.sin(radians(latitude))) / n;
  const angle = n * radians(longitude - 105);
  return [radius * Math.sin(angle), -radius * Math.cos(angle)].map((value, axis) => (axis ? -value : value));
}

// The package keeps rings as text: differences in zigzag, in 1/1024 of a degree.
function decodeRing(text, [x, y]) {
  const ring = [];
  for (let at = 0; at < text.length; at += 2) {
    const step = [0, 1].map((axis) => {
      const value = text.charCodeAt(at + axis) - 64;
      return (value >> 1) ^ -(value & 1);
    });
    [x, y] = [x + step[0], y + step[1]];
    ring.push([x / 1024, y / 1024]);
  }
  return ring;
}

function rings({ type, coordinates, encodeOffsets, geometries }) {
  if (type === "GeometryCollection") return geometries.flatMap(rings);
  const polygons = type === "Polygon" ? [coordinates] : coordinates;
  const offsets = type === "Polygon" ? [encodeOffsets] : encodeOffsets;
  return polygons.flatMap((parts, polygon) => parts.map((ring, part) =>
    typeof ring === "string" ? decodeRing(ring, offsets[polygon][part]) : ring));
}

// Douglas and Peucker's way, on a stack.
function simplify(points) {
  const kept = new Set([0, points.length - 1]);
  const open = [[0, points.length - 1]];
  while (open.length) {
    const [start, end] = open.pop();
    const [[x, y], [u, v]] = [points[start], points[end]];
    const length = Math.hypot(u - x, v - y);
    let [far, distance] = [-1, TOLERANCE];
    for (let at = start + 1; at < end; at += 1) {
      const [p, q] = points[at];
      const away = length ? Math.abs((u - x) * (y - q) - (x - p) * (v - y)) / length : Math.hypot(p - x, q - y);
      if (away > distance) [far, distance] = [at, away];
    }
    if (far > 0) {
      kept.add(far);
      open.push([start, far], [far, end]);
    }
  }
  return points.filter((_, at) => kept.has(at));
}

const area = (ring) => Math.abs(ring.reduce((sum, [x, y], at) => {
  const [u, v] = ring[(at + 1) % ring.length];
  return sum + x * v - u * y;
}, 0)) / 2;

const short = (id) => String(id).replace(/(0000|00)$/, "");
const provinces = new Map(read("china.json").filter((one) => one.id).map((one) => [short(one.id), one]));
const cities = new Map([...provinces].filter(([number]) => BY_PROVINCE.has(number)));
for (const file of readdirSync(join(source, "province"))) {
  const features = read(`province/${file}`);
  const numbers = new Map(features.filter(({ id }) => id).map(({ id, properties }) => [properties.name, id]));
  for (const one of features) {
    const id = one.id ?? numbers.get(one.properties.name); // Shannan's outline stands apart from its number
    if (!id || BY_PROVINCE.has(String(id).slice(0, 2))) continue;
    const number = BECAME[short(id)] ?? short(id);
    const geometries = [one, cities.get(number)].filter(Boolean).map(({ geometry }) => geometry);
    cities.set(number, { geometry: { type: "GeometryCollection", geometries } });
  }
}

const drawn = (feature) => rings(feature.geometry)
  .filter((ring) => ring.some(([, latitude]) => latitude > SOUTHERNMOST))
  .map((ring) => ring.map(project));
const all = [...provinces.values()].flatMap(drawn).flat();
const [left, right, top, bottom] = [
  Math.min(...all.map(([x]) => x)), Math.max(...all.map(([x]) => x)),
  Math.min(...all.map(([, y]) => y)), Math.max(...all.map(([, y]) => y)),
];
const scale = (WIDTH - 2 * MARGIN) / (right - left);
const place = ([x, y]) => [(x - left) * scale + MARGIN, (y - top) * scale + MARGIN];

function path(list) {
  return list.filter((ring, _, every) => area(ring) >= SMALLEST || every.length === 1).map((ring) => {
    let [x, y] = [0, 0];
    return simplify(ring).map((point, at) => {
      const [u, v] = point.map(Math.round);
      const [dx, dy] = [u - x, v - y];
      [x, y] = [u, v];
      return at === 0 ? `M${u} ${v}` : dx || dy ? `l${dx} ${dy}` : "";
    }).join("") + "z";
  }).join("");
}

const paths = (features) => Object.fromEntries([...features]
  .map(([number, feature]) => [number, path(drawn(feature).map((ring) => ring.map(place)))])
  .filter(([, data]) => data).sort(([one], [other]) => (one < other ? -1 : 1)));

// The package draws the islands of the South China Sea as an inset of 64 by 93 units.
const text = readFileSync(join(here, "node_modules/echarts/lib/coord/geo/fix/nanhai.js"), "utf-8");
const outlines = JSON.parse(/points = (\[\[\[.*\]\]\]);/.exec(text)[1]);
const height = Math.ceil((bottom - top) * scale + 2 * MARGIN);
const inset = outlines.map((ring) => `M${ring.map(([x, y]) =>
  `${Math.round(WIDTH - 90 + x * 1.3)} ${Math.round(height - 130 + y * 1.3)}`).join("L")}z`).join("");

const target = process.argv[2];
mkdirSync(dirname(target), { recursive: true });
writeFileSync(target, JSON.stringify({ width: WIDTH, height, provinces: paths(provinces), cities: paths(cities), inset }));
console.log(`${target}: ${provinces.size} provinces, ${cities.size} cities`);

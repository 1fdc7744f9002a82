// What a page says, in the language in which it was sent.

const { lang, words } = document.body.dataset;

export const language = lang;
export const say = JSON.parse(words);

/** One of the API's sentences, `{zh, en}`, in the page's language. */
export const read = (sentence) => sentence?.[language] ?? "";

/** The same in the other language, for whoever stands in front of the guard. */
export const readOther = (sentence) => sentence?.[language === "zh" ? "en" : "zh"] ?? "";

/** A duration in its two largest units, as `3 d 4 h`. */
export function tellSeconds(seconds) {
  const units = [["days", 86400], ["hours", 3600], ["minutes", 60], ["seconds", 1]];
  const first = units.findIndex(([, size]) => seconds >= size);
  if (first < 0) return `0 ${say.seconds}`;
  let rest = seconds;
  return units.slice(first, first + 2).flatMap(([unit, size]) => {
    const count = Math.floor(rest / size);
    rest -= count * size;
    return count ? [`${count} ${say[unit]}`] : [];
  }).join(" ");
}

/** A moment in Beijing time; the API's are in UTC. */
export const tellTime = (text) => text === null ? say.none : new Intl.DateTimeFormat(
  language === "zh" ? "zh-CN" : "en-GB",
  { dateStyle: "medium", timeStyle: "medium", timeZone: "Asia/Shanghai" },
).format(new Date(text));

export const at = (id) => document.getElementById(id);

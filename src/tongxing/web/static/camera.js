// Reads codes from the camera: by the browser's own detector, else by npm's `qr`. Where neither is there, a picture
// is sent to the node instead (the page says so): never frame by frame, since each is a passage on record.

const PAUSE_MS = 120;
const SAME_AGAIN_MS = 4000;
const WIDTH_MAX = 960;

async function findReader() {
  if ("BarcodeDetector" in globalThis) {
    const formats = await BarcodeDetector.getSupportedFormats().catch(() => []);
    if (formats.includes("qr_code")) {
      const detector = new BarcodeDetector({ formats: ["qr_code"] });
      return async (canvas) => {
        const found = await detector.detect(canvas);
        return found.length === 1 ? found[0].rawValue : null;
      };
    }
  }
  try {
    const { decodeQR } = await import("./vendor/qr.js");
    return async (canvas) => {
      const image = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
      try {
        return decodeQR(image);
      } catch {
        return null; // there is no code in this frame
      }
    };
  } catch {
    return null;
  }
}

export class Camera {
  #video;
  #canvas = document.createElement("canvas");
  #stream = null;
  #reader = null;
  #last = { text: null, seenAt: 0 };

  constructor(video) {
    this.#video = video;
  }

  get isOn() {
    return this.#stream !== null;
  }

  /** Show the camera and tell each code's text once. Throws where there is no camera, or nothing that can read. */
  async start(onText) {
    this.#reader ??= await findReader();
    if (this.#reader === null) throw new Error("nothing here reads QR codes");
    this.#stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" }, audio: false });
    this.#video.srcObject = this.#stream;
    this.#video.hidden = false;
    await this.#video.play();
    this.#run(onText);
  }

  stop() {
    this.#stream?.getTracks().forEach((track) => track.stop());
    this.#stream = null;
    this.#video.srcObject = null;
    this.#video.hidden = true;
  }

  /** The next code counts even if it is the same as the last. */
  forget() {
    this.#last = { text: null, seenAt: 0 };
  }

  async #run(onText) {
    const stream = this.#stream;
    while (this.#stream === stream) {
      const canvas = this.#grab();
      const text = canvas === null ? null : await this.#reader(canvas).catch(() => null);
      if (text && this.#stream === stream) this.#tell(text, onText);
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }

  #tell(text, onText) {
    const now = performance.now();
    const isSame = text === this.#last.text && now - this.#last.seenAt < SAME_AGAIN_MS;
    this.#last = { text, seenAt: now };
    if (!isSame) onText(text);
  }

  #grab() {
    const { videoWidth, videoHeight } = this.#video;
    if (!videoWidth) return null;
    const scale = Math.min(1, WIDTH_MAX / videoWidth);
    this.#canvas.width = Math.round(videoWidth * scale);
    this.#canvas.height = Math.round(videoHeight * scale);
    const context = this.#canvas.getContext("2d", { willReadFrequently: true });
    context.drawImage(this.#video, 0, 0, this.#canvas.width, this.#canvas.height);
    return this.#canvas;
  }
}

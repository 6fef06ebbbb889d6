/*
 * The camera of the verification page: what it sees is read in the browser (zxing-wasm, served by us) until there is a code,
 * whose text goes into the form, which is sent as if it had been pasted. Where the browser runs no machine code, the picture is
 * sent instead, when the visitor says so. Without scripts or a camera, the form takes text, a photo or a file all the same.
 */
{
  const box = document.querySelector('[data-camera]');
  const form = box?.closest('form');
  if (box && form && navigator.mediaDevices?.getUserMedia) {
    box.hidden = false;
    withCamera(box, form);
  }

  function withCamera(box, form) {
    const part = (name) => box.querySelector(`[data-${name}]`);
    const [open, view, shoot, close, status] = ['open', 'view', 'shoot', 'close', 'status'].map(part);
    const video = box.querySelector('video');
    let stream;
    /** Grows whenever the camera starts or stops: what was begun before then leaves off. */
    let turn = 0;

    open.addEventListener('click', start);
    close.addEventListener('click', () => stop('', true));
    shoot.addEventListener('click', send);
    view.addEventListener('keydown', ({ key }) => key === 'Escape' && stop('', true));
    document.addEventListener('visibilitychange', () => document.hidden && stop(''));
    addEventListener('pagehide', () => stop(''));

    async function start() {
      const mine = ++turn;
      open.disabled = true;
      status.textContent = '';
      try {
        const size = { width: { ideal: 1920 }, height: { ideal: 1080 } };
        const given = await navigator.mediaDevices.getUserMedia({
          video: { facingMode: 'environment', ...size },
        });
        if (mine !== turn) return end(given);
        stream = given;
        for (const track of given.getTracks()) track.addEventListener('ended', () => stop(box.dataset.busy));
        video.srcObject = given;
        open.hidden = true;
        view.hidden = false;
        close.focus();
        await video.play();
        const read = await reader().catch(() => undefined);
        if (mine !== turn) return;
        status.textContent = read ? box.dataset.looking : box.dataset.shooting;
        shoot.hidden = read !== undefined;
        if (read) await look(read, mine);
      } catch (error) {
        if (mine === turn) stop(faultOf(error), true);
      } finally {
        open.disabled = false;
      }
    }

    /** Reads one picture after the other, until there is a code or the camera was stopped. */
    async function look(read, mine) {
      while (mine === turn) {
        for (const text of await read(picture().getContext('2d'))) {
          if (mine !== turn || !take(text)) continue;
          return;
        }
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }

    /** What the camera shows now; null before its first picture. */
    function picture() {
      const canvas = document.createElement('canvas');
      canvas.width = video.videoWidth || 1;
      canvas.height = video.videoHeight || 1;
      canvas.getContext('2d').drawImage(video, 0, 0);
      return canvas;
    }

    /** Does what a code asks for. @returns whether it is one of those that are checked here. */
    function take(text) {
      if (/^\s*(HC1:|DC0)/.test(text)) {
        stop(box.dataset.found);
        for (const file of form.querySelectorAll('input[type="file"]')) file.value = '';
        form.elements.text.value = text;
        form.requestSubmit();
        return true;
      }
      const link = URL.canParse(text) ? new URL(text) : undefined;
      const [number, code] = ['numero', 'code'].map((name) => link?.searchParams.get(name));
      if (!link?.pathname.endsWith('/verifier') || !number || !code) return false;
      stop(box.dataset.found);
      // Wherever the code says that we are, it is checked here.
      const lang = document.documentElement.lang;
      location.assign(`/verifier?${new URLSearchParams({ lang, numero: number, code })}`);
      return true;
    }

    /** Sends the picture itself, as if it had been chosen as a file. */
    function send() {
      picture().toBlob(
        (blob) => {
          if (!blob) return;
          const files = new DataTransfer();
          files.items.add(new File([blob], 'camera.jpg', { type: 'image/jpeg' }));
          form.elements.photo.value = '';
          form.elements.file.files = files.files;
          stop(box.dataset.found);
          form.requestSubmit();
        },
        'image/jpeg',
        0.92,
      );
    }

    function stop(said, byVisitor = false) {
      turn += 1;
      const running = stream !== undefined;
      end(stream);
      stream = undefined;
      video.srcObject = null;
      view.hidden = true;
      open.hidden = false;
      open.disabled = false;
      if (running || said) status.textContent = said;
      if (byVisitor) open.focus();
    }

    function end(given) {
      for (const track of given?.getTracks() ?? []) track.stop();
    }

    function faultOf({ name }) {
      if (name === 'NotAllowedError' || name === 'SecurityError') return box.dataset.refused;
      return name === 'NotFoundError' || name === 'OverconstrainedError'
        ? box.dataset.absent
        : box.dataset.busy;
    }
  }

  let prepared;

  /** What reads the codes of a picture; fails where the browser runs no machine code, or cannot have it. */
  function reader() {
    prepared ??= prepare().catch((error) => {
      prepared = undefined;
      throw error;
    });
    return prepared;
  }

  async function prepare() {
    const { prepareZXingModule, readBarcodes } = await import('/assets/zxing/es/reader/index.js');
    // The library's own way would fetch its machine code from another site.
    const overrides = { locateFile: () => '/assets/zxing/reader/zxing_reader.wasm' };
    await prepareZXingModule({ overrides, fireImmediately: true });
    const options = {
      formats: ['QRCode', 'DataMatrix'],
      tryHarder: true,
      textMode: 'HRI',
      maxNumberOfSymbols: 4,
    };
    return async (context) => {
      const { width, height } = context.canvas;
      const found = await readBarcodes(context.getImageData(0, 0, width, height), options);
      return found.filter(({ isValid }) => isValid).map(({ text }) => text);
    };
  }
}

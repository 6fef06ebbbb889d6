import type { FastifyInstance } from 'fastify';
import type { Dependencies } from '../dependencies.ts';
import { languageOf } from '../http/language.ts';
import { Problem } from '../problem.ts';
import { mailDirectory } from './file-transport.ts';
import { findMail, listMails, type WrittenMail } from './read-mails.ts';

/** More are on the disk, and nobody scrolls to them. */
const mostShown = 200;

/** What a mail client would let a mail do: show itself, and be left by its links. */
const asInAMailClient = {
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'none'"],
      styleSrc: ["'unsafe-inline'"],
      baseUri: ["'none'"],
      formAction: ["'none'"],
      frameAncestors: ["'none'"],
    },
  },
} as const;

/**
 * `/demo/mails`: the mails that no server sends, for whoever tries the product: a list, each as text with usable
 * links, and each as the HTML that a mail client shows. Not there in production, nor with `SMTP_URL`.
 */
export async function demoMailPages(app: FastifyInstance, deps: Dependencies): Promise<void> {
  const { config, texts, views } = deps;
  if (config.production || config.smtpUrl !== undefined) return;
  const directory = mailDirectory(config);

  app.get('/demo/mails', async (request, reply) => {
    const language = languageOf(request);
    const mails = await listMails(directory, mostShown);
    const title = texts.say(language, 'mails.demo.title');
    const html = views.page('demo/mails', language, { private: true, title, mails });
    return reply.type('text/html; charset=utf-8').send(html);
  });

  app.get<{ Params: { name: string } }>('/demo/mails/:name', async (request, reply) => {
    const language = languageOf(request);
    const mail = await getMail(request.params.name);
    const html = views.page('demo/mail', language, {
      private: true,
      title: mail.subject,
      mail,
      paragraphs: paragraphsOf(mail.text),
    });
    return reply.type('text/html; charset=utf-8').send(html);
  });

  app.get<{ Params: { name: string } }>(
    '/demo/mails/:name/html',
    { helmet: asInAMailClient },
    async (request, reply) => {
      const mail = await getMail(request.params.name);
      return reply.type('text/html; charset=utf-8').send(mail.html);
    },
  );

  async function getMail(name: string): Promise<WrittenMail> {
    const mail = await findMail(directory, name);
    if (!mail) throw new Problem(404, 'not-found');
    return mail;
  }
}

/** A piece of a line: plain words, or an address to follow. */
interface Piece {
  readonly words: string;
  readonly link: boolean;
}

/** The text form as paragraphs of lines, its addresses told apart so that they can be followed. */
function paragraphsOf(text: string): readonly (readonly (readonly Piece[])[])[] {
  return text
    .trim()
    .split(/\n\s*\n/)
    .map((paragraph) => paragraph.split('\n').map(piecesOf));
}

function piecesOf(line: string): readonly Piece[] {
  return line
    .split(/(https?:\/\/\S+)/)
    .filter((words) => words !== '')
    .map((words) => ({ words, link: /^https?:\/\//.test(words) }));
}

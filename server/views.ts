/**
 * Purpose: turns a template and data into HTML or text, in one language; pages and mails use the same engine.
 * Entry points: `loadViews`.
 * May import: server/texts.ts.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Handlebars from 'handlebars';
import type { Language, TextParameters, Texts } from './texts.ts';

export type ViewData = Readonly<Record<string, unknown>>;

export interface Views {
  /**
   * Renders `templates/pages/<name>.hbs` inside `templates/layouts/<layout>.hbs` (default `page`), whose
   * `body` it becomes. @throws Error when a template or a text is missing.
   */
  page(name: string, language: Language, data: ViewData, layout?: string): string;
  /** Renders one partial alone (`templates/partials/<name>.hbs`): a row of the live queue. */
  partial(name: string, language: Language, data: ViewData): string;
  /** Renders both forms of a mail: `templates/mails/<name>.html.hbs` in the mail layout, and `<name>.text.hbs`. */
  mail(name: string, language: Language, data: ViewData): { readonly html: string; readonly text: string };
}

interface HelperOptions {
  readonly hash: TextParameters;
  readonly data: { readonly root: { readonly language: Language } };
}

/** Compiles every template below `directory`. @throws Error naming a template that does not compile. */
export function loadViews(texts: Texts, directory = join(import.meta.dirname, '../templates')): Views {
  const handlebars = Handlebars.create();
  registerHelpers(handlebars, texts);

  const templates = new Map<string, HandlebarsTemplateDelegate>();
  for (const file of filesBelow(directory)) {
    const name = file.slice(0, -'.hbs'.length);
    // Mails in text form go out as they are: nothing in them is markup.
    const noEscape = name.endsWith('.text');
    const source = readFileSync(join(directory, file), 'utf8');
    if (name.startsWith('partials/')) handlebars.registerPartial(name.slice('partials/'.length), source);
    templates.set(name, handlebars.compile(source, { noEscape, preventIndent: true }));
  }

  function render(name: string, language: Language, data: ViewData): string {
    const template = templates.get(name);
    if (!template) throw new Error(`no template "${name}"`);
    return template({ ...data, language });
  }

  return {
    page: (name, language, data, layout = 'page') =>
      render(`layouts/${layout}`, language, { ...data, body: render(`pages/${name}`, language, data) }),
    partial: (name, language, data) => render(`partials/${name}`, language, data),
    mail: (name, language, data) => ({
      html: render('layouts/mail.html', language, {
        ...data,
        body: render(`mails/${name}.html`, language, data),
      }),
      text: render(`mails/${name}.text`, language, data),
    }),
  };
}

function registerHelpers(handlebars: typeof Handlebars, texts: Texts): void {
  const language = (options: HelperOptions) => options.data.root.language;
  handlebars.registerHelper({
    /** `{{t "wizard.exits.it_works" name=value}}`: a sentence, escaped like any value. */
    t: (key: string, options: HelperOptions) => texts.say(language(options), key, options.hash),
    /** `{{textOr (join "routing.professions." code) code}}`: for codes that callers may send and no text knows. */
    textOr: (key: string, otherwise: unknown, options: HelperOptions) =>
      texts.has(language(options), key) ? texts.say(language(options), key, options.hash) : otherwise,
    /** `{{#each (list "help.steps")}}`: a list of sentences. */
    list: (key: string, options: HelperOptions) => texts.list(language(options), key, options.hash),
    /** `{{#if (eq a b)}}` */
    eq: (a: unknown, b: unknown) => a === b,
    /** `{{t (join "desk.states." state)}}`: glues its arguments. */
    join: (...parts: unknown[]) => parts.slice(0, -1).join(''),
    /** `{{dateTime iso zone="Europe/Paris"}}`: a date and time in words, in the hotline's zone by default. */
    dateTime: (iso: string | Date, options: HelperOptions) =>
      formatDateTime(iso, language(options), options.hash.zone),
    /** `{{time iso}}`: the time of day alone. */
    time: (iso: string | Date, options: HelperOptions) =>
      formatTime(iso, language(options), options.hash.zone),
    /** `{{shortDateTime iso}}`: day and time in figures, on the desk's wall. */
    shortDateTime: (iso: string | Date, options: HelperOptions) =>
      formatShortDateTime(iso, language(options)),
    /** `{{iso date}}`: for `<time datetime>`. */
    iso: (date: string | Date) => new Date(date).toISOString(),
  });
}

const defaultZone = 'Europe/Paris';

function formatDateTime(at: string | Date, language: Language, zone: unknown): string {
  const timeZone = typeof zone === 'string' ? zone : defaultZone;
  return new Intl.DateTimeFormat(language === 'fr' ? 'fr-FR' : 'en-GB', {
    timeZone,
    dateStyle: 'full',
    timeStyle: 'short',
  }).format(new Date(at));
}

function formatTime(at: string | Date, language: Language, zone: unknown): string {
  const timeZone = typeof zone === 'string' ? zone : defaultZone;
  const options = { timeZone, hour: '2-digit', minute: '2-digit' } as const;
  return new Intl.DateTimeFormat(language === 'fr' ? 'fr-FR' : 'en-GB', options).format(new Date(at));
}

function formatShortDateTime(at: string | Date, language: Language): string {
  return new Intl.DateTimeFormat(language === 'fr' ? 'fr-FR' : 'en-GB', {
    timeZone: defaultZone,
    day: '2-digit',
    month: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
  }).format(new Date(at));
}

function filesBelow(directory: string): readonly string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => file.endsWith('.hbs'))
    .sort();
}

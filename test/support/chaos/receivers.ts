import type { HeaderList, PostOutcome } from '../../../functions/domain/delivery.ts';
import { ATTEMPT_DEADLINE_MS } from '../../../functions/domain/limits.ts';
import type { Post, PostRequest } from '../../../functions/transport/post.ts';
import type { Chance } from './chance.ts';
import type { Scheduler, Task } from './scheduler.ts';

/** A POST that arrived, and what was answered: undefined where the receiver hung or broke off. */
export type Arrival = {
  readonly atMs: number;
  readonly task: Task;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  readonly status: number | undefined;
};

/** How a receiver is: what it does with every POST, or each time something else. */
const MOODS = ['well', 'well', 'failing', 'moody', 'busy', 'hanging', 'resetting', 'gone'] as const;
type Mood = (typeof MOODS)[number];

export type Receivers = ReturnType<typeof receivers>;

/** All receivers of a run, by their URLs, and the ledger of what arrived at them. */
export function receivers(deps: { readonly chance: Chance; readonly scheduler: Scheduler }) {
  const { chance, scheduler } = deps;
  const moods = new Map<string, Mood>();
  const turns: { readonly url: string; readonly mood: Mood; readonly atMs: number }[] = [];
  const ledger: Arrival[] = [];

  const answerOf = (url: string): PostOutcome => {
    const mood = moods.get(url) ?? 'well';
    const now = mood === 'moody' ? chance.pick(MOODS) : mood;
    if (now === 'well') return reply(chance.pick([200, 204, 202]));
    if (now === 'busy') return reply(chance.pick([429, 503]), [['retry-after', chance.pick(['1', '120', '7200'])]]);
    if (now === 'gone') return reply(410);
    if (now === 'hanging') return { error: { class: 'timeout', message: 'No answer within 15 s' } };
    if (now === 'resetting') return { error: { class: 'connection', message: 'The connection broke off' } };
    return reply(500);
  };

  const arrive = (task: Task, request: PostRequest): PostOutcome => {
    const outcome = answerOf(request.url);
    const headers = Object.fromEntries(request.headers.map(([name, value]) => [name.toLowerCase(), value]));
    const { url, body } = request;
    const status = outcome.response?.status;
    ledger.push({ atMs: scheduler.nowMs(), task, url, headers, body, status });
    return outcome;
  };

  /** The product's POST: it arrives in one step and is answered in another, and the caller may be killed before and between. */
  const post: Post = async (request) => {
    const summary = (answer: unknown) => describe(answer as PostOutcome);
    const error = () => new Error('A POST is no call of a service');
    const delivery = request.headers.find(([name]) => name === 'X-Djinn-CI-Delivery')?.[1] ?? '';
    const task = scheduler.current();
    const outcome = (await scheduler.ask({
      label: `POST ${delivery} to ${request.url}`,
      kind: 'post',
      readyAtMs: scheduler.nowMs(),
      carryOut: () => arrive(task, request),
      summary,
      error,
    })) as PostOutcome;
    const waitMs = outcome.error?.class === 'timeout' ? ATTEMPT_DEADLINE_MS : 0;
    await scheduler.ask({
      label: `answer to ${delivery}`,
      kind: 'answer',
      readyAtMs: scheduler.nowMs() + waitMs,
      carryOut: () => outcome,
      summary,
      error,
    });
    return outcome;
  };

  return {
    post,
    ledger: ledger as readonly Arrival[],
    /** Gives a receiver another mood. */
    turn(url: string, mood: Mood = chance.pick(MOODS)): void {
      moods.set(url, mood);
      turns.push({ url, mood, atMs: scheduler.nowMs() });
      scheduler.note(`the receiver ${url} is ${mood}`);
    },
    /** Whether a receiver was well throughout a stretch of time. */
    wasWell(url: string, fromMs: number, toMs: number): boolean {
      const own = turns.filter((turn) => turn.url === url);
      const before = own.filter(({ atMs }) => atMs < fromMs).slice(-1);
      const within = own.filter(({ atMs }) => atMs >= fromMs && atMs <= toMs);
      return [...before, ...within].every(({ mood }) => mood === 'well');
    },
    /** Makes most receivers well for good; some fail for ever. */
    recover(): void {
      for (const url of moods.keys()) this.turn(url, chance.pick(['well', 'well', 'well', 'failing', 'hanging']));
    },
  };
}

function reply(status: number, headers: HeaderList = []): PostOutcome {
  return { response: { status, headers, body: new Uint8Array(), truncated: false } };
}

function describe({ response, error }: PostOutcome): string {
  return response?.status.toString() ?? error?.class ?? '';
}

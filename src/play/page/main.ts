/// <reference lib="dom" />
/** The game of `gymkhana play`: keys become actions, actions become steps at the env's own pace, episodes go to the server. */
import { keyboardAction } from '../../core/keyboard.js';
import type { PageSim } from '../../viewer/env-bundle.js';
import { brief, byId } from '../../viewer/page/elements.js';
import type { PlayData } from '../protocol.js';
import { EpisodeList } from './episodes.js';
import { type Ending, Game } from './game.js';
import { GameKeys } from './keys.js';
import { Screen } from './screen.js';

declare const gymkhanaSim: PageSim;

type State = 'ready' | 'playing' | 'paused' | 'over' | 'broken';

const ENDED: Readonly<Record<Ending, string>> = {
  terminated: 'The episode is over',
  truncated: 'Time is up',
  cut: 'Finished here',
};
/** Most steps between two pictures: what a slow page misses is not made up for. */
const MOST_AT_ONCE = 8;

class Player {
  readonly #data: PlayData;
  readonly #keys: GameKeys;
  readonly #screen: Screen;
  readonly #episodes = new EpisodeList();
  #game: Game;
  #seed: number;
  #state: State = 'ready';
  #speed = 1;
  /** Steps that are due, with a fraction. */
  #due = 0;
  #lastFrame: number | null = null;

  constructor(data: PlayData) {
    this.#data = data;
    this.#keys = new GameKeys(data.keyboard, byId('keys'));
    this.#screen = new Screen(data);
    this.#seed = data.seed;
    this.#game = this.#begin(data.seed);
    byId('idle').textContent =
      data.keyboard.idle === null
        ? 'Without a key the game waits.'
        : `Without a key the action is ${JSON.stringify(data.keyboard.idle).replaceAll(',', ', ')}.`;
    this.#listen();
    this.#show('ready');
    byId('screen').focus({ preventScroll: true });
    requestAnimationFrame(this.#frame);
  }

  #begin(seed: number): Game {
    const game = new Game(gymkhanaSim, seed, this.#data.shows);
    this.#screen.look(game.env, game.observation, true);
    this.#due = 0;
    return game;
  }

  #next(): void {
    this.#game.close();
    this.#keys.clear();
    this.#seed++;
    try {
      this.#game = this.#begin(this.#seed);
    } catch (error) {
      this.#show('broken', `The env failed at the reset of seed ${this.#seed}`, text(error));
      return;
    }
    this.#show('ready');
  }

  readonly #frame = (time: number): void => {
    const seconds = this.#lastFrame === null ? 0 : (time - this.#lastFrame) / 1000;
    this.#lastFrame = time;
    if (this.#state === 'playing') this.#advance(seconds * this.#data.fps * this.#speed);
    this.#screen.paint(this.#state === 'playing' ? Math.min(1, this.#due) : 1);
    requestAnimationFrame(this.#frame);
  };

  /** Takes the steps that are due. */
  #advance(more: number): void {
    this.#due = Math.min(this.#due + more, MOST_AT_ONCE);
    while (this.#due >= 1 && this.#state === 'playing') {
      const action = keyboardAction(this.#data.keyboard, this.#keys.take());
      if (action === null) {
        // The next key acts at once.
        this.#due = 1;
        return;
      }
      this.#due--;
      try {
        this.#game.step(action);
        this.#screen.look(this.#game.env, this.#game.observation, false);
      } catch (error) {
        this.#fail(error);
        return;
      }
      this.#numbers();
      if (this.#game.ending !== null) this.#end(this.#game.ending);
    }
  }

  #end(ending: Ending): void {
    const { steps, return: total } = this.#game;
    this.#keys.clear();
    this.#show('over', ENDED[ending], `Return ${brief(total)} in ${steps} ${steps === 1 ? 'step' : 'steps'}.`);
    this.#episodes.send(this.#game.played(), total, ending);
  }

  /** An env that throws ends the episode there; the server simulates it with the action that did it, too. */
  #fail(error: unknown): void {
    this.#show('broken', `The env failed after ${this.#game.steps} steps`, text(error));
    this.#episodes.send(this.#game.played(), this.#game.return, 'failed');
  }

  #show(state: State, headline = '', hint = ''): void {
    this.#state = state;
    const texts: Readonly<Record<State, readonly [string, string, string]>> = {
      ready: ['Ready', 'Press one of the keys, or Play.', 'Play'],
      playing: ['', '', ''],
      paused: ['Paused', 'Time stands still.', 'Go on'],
      over: [headline, hint, 'Next episode'],
      broken: [headline, hint, 'Next episode'],
    };
    const [head, about, label] = texts[state];
    byId('veil').hidden = state === 'playing';
    byId('headline').textContent = head;
    byId('hint').textContent = about;
    byId('go').textContent = label;
    const button = byId<HTMLButtonElement>('pause');
    button.disabled = state !== 'playing' && state !== 'paused';
    button.firstChild!.textContent = state === 'paused' ? 'Go on ' : 'Pause ';
    byId<HTMLButtonElement>('finish').disabled = button.disabled || this.#game.steps === 0;
    byId<HTMLButtonElement>('restart').disabled = button.disabled;
    document.body.dataset['state'] = state;
    this.#numbers();
  }

  #numbers(): void {
    const { steps, return: total, seed } = this.#game;
    byId('step').textContent = String(steps);
    byId('return').textContent = brief(total);
    byId('seed').textContent = String(seed);
    if (steps === 1 && this.#state === 'playing') byId<HTMLButtonElement>('finish').disabled = false;
  }

  /** What the button in the middle, and Enter, do. */
  #go(): void {
    if (this.#state === 'ready') this.#play();
    else if (this.#state === 'paused') this.#pause();
    else if (this.#state === 'over' || this.#state === 'broken') this.#next();
    byId('screen').focus({ preventScroll: true });
  }

  #play(): void {
    this.#due = 1;
    this.#show('playing');
  }

  #pause(): void {
    this.#keys.clear();
    if (this.#state === 'playing') this.#show('paused');
    else if (this.#state === 'paused') this.#show('playing');
  }

  #listen(): void {
    this.#keys.onPress = () => {
      if (this.#state === 'ready') this.#play();
    };
    const on = (id: string, act: () => void): void =>
      byId(id).addEventListener('click', (event) => {
        act();
        // After a click with the mouse the game has the keys again; with the keyboard the button keeps them.
        if (event.detail > 0) byId('screen').focus({ preventScroll: true });
      });
    on('go', () => this.#go());
    on('pause', () => this.#pause());
    on('restart', () => this.#next());
    on('finish', () => {
      if (this.#game.steps > 0) this.#end('cut');
    });
    for (const button of document.querySelectorAll<HTMLButtonElement>('[data-speed]')) {
      button.addEventListener('click', (event) => {
        this.#speed = Number(button.dataset['speed']);
        for (const other of document.querySelectorAll('[data-speed]'))
          other.setAttribute('aria-pressed', String(other === button));
        if (event.detail > 0) byId('screen').focus({ preventScroll: true });
      });
    }
    window.addEventListener('keydown', (event) => {
      if (event.repeat || event.ctrlKey || event.metaKey || event.altKey || this.#keys.has(event.code)) return;
      if (event.code === 'Escape') this.#pause();
      else if (event.code === 'Enter' && !(event.target instanceof HTMLButtonElement)) {
        event.preventDefault();
        this.#go();
      }
    });
    // Nobody plays a page that is not in front.
    const away = (): void => {
      if (this.#state === 'playing') this.#pause();
    };
    document.addEventListener('visibilitychange', () => document.hidden && away());
    window.addEventListener('blur', away);
    window.addEventListener('beforeunload', (event) => {
      // An episode that the server has not taken would be lost.
      if (this.#episodes.waiting > 0) event.preventDefault();
    });
  }
}

/** What was thrown, for people. */
function text(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

try {
  new Player(JSON.parse(byId('data').textContent ?? '') as PlayData);
} catch (error) {
  const problem = byId('problem');
  problem.hidden = false;
  problem.textContent = `This page could not start: ${text(error)}`;
}

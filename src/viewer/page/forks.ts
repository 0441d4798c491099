/// <reference lib="dom" />
/** Taking over: who plays on, the keys and buttons of a person who does, and the headings of the lanes. */
import type { Keyboard } from '../../core/keyboard.js';
import type { PageSim } from '../env-bundle.js';
import type { Pilot } from '../sim/index.js';
import { byId, element } from './elements.js';
import { HeldKeys, keyName } from './keys.js';
import type { Lane } from './lane.js';
import { MOST_LANES, type Player } from './player.js';
import { ForkSource } from './source.js';

/** Who can play on. */
type PilotName = 'keyboard' | 'random' | 'policy';

/** The part of the page that forks and compares episodes. */
export class Forks {
  readonly #player: Player;
  readonly #sim: PageSim | null;
  readonly #pilot = byId<HTMLSelectElement>('pilot');
  readonly #of = byId<HTMLSelectElement>('of');
  readonly #keyboard: Keyboard | null = null;
  readonly #keys: HeldKeys;
  /** Lanes that a person plays. */
  readonly #played = new Set<ForkSource>();
  #forks = 0;

  constructor(player: Player, sim: PageSim | null) {
    this.#player = player;
    this.#sim = sim;
    const { data } = player;
    if (sim !== null) {
      const env = sim.makePageEnv();
      this.#keyboard = sim.keyboardFor(env);
      env.close();
    }
    const pilots: [PilotName, string][] = [];
    if (this.#keyboard !== null) pilots.push(['keyboard', 'the keyboard']);
    if (data.policy !== null) pilots.push(['policy', `the policy ${data.policy.name}`]);
    pilots.push(['random', 'random actions']);
    this.#pilot.append(...pilots.map(([value, name]) => new Option(name, value)));
    this.#keys = new HeldKeys(this.#keyboard?.bindings.flatMap(({ keys }) => keys) ?? []);
    byId('forks').hidden = sim === null;
    byId('fork').addEventListener('click', () => {
      try {
        this.#fork();
      } catch (error) {
        player.notice(`A fork cannot begin here: ${error instanceof Error ? error.message : String(error)}`);
      }
    });
    byId('add').addEventListener('click', () => this.#compare());
    byId('add').hidden = data.episodes.length < 2;
    byId('pad').append(...this.#padButtons());
    player.onChange = () => this.#changed();
  }

  /** Heads a lane that shows an episode. */
  head(lane: Lane, index: number): void {
    const { episodes } = this.#player.data;
    const number = this.#player.lanes.indexOf(lane);
    const select = element('select');
    select.setAttribute('aria-label', number === 0 ? 'Episode' : `Episode of lane ${number + 1}`);
    if (number === 0) select.id = 'episode';
    for (const [i, { index: of, steps, ending }] of episodes.entries()) {
      select.append(new Option(`Episode ${of + 1}: ${steps} steps, ${ending}`, String(i)));
    }
    select.value = String(index);
    select.hidden = episodes.length < 2;
    select.addEventListener('change', () => this.#player.load(Number(select.value), this.#player.lanes.indexOf(lane)));
    const name = element('span', 'lane-name', `Episode ${episodes[index]!.index + 1}`);
    name.hidden = episodes.length > 1;
    lane.title.replaceChildren(element('i', 'dot'), select, name);
    if (number > 0) lane.tools.replaceChildren(this.#removal(lane, 'this episode'));
    this.#changed();
  }

  #fork(): void {
    const { lanes, data, frame } = this.#player;
    const lane = lanes[Number(this.#of.value)] ?? lanes[0]!;
    const of = lane.source;
    if (this.#sim === null || of.playable === null || lanes.length >= MOST_LANES) return;
    const sim = this.#sim;
    const name = this.#pilot.value as PilotName;
    const env = sim.makePageEnv(lane.screen.hidden ? undefined : 'scene');
    const spaces = { observation: env.observationSpace, action: env.actionSpace };
    const policy = data.policy === null ? null : sim.unpackPolicy(data.policy, spaces);
    const fork = new sim.Fork(env, of.playable, frame, policy);
    let pilot: Pilot;
    // Every fork draws other actions, and the same page the same ones.
    if (name === 'random') pilot = sim.randomPilot(env.actionSpace, this.#forks);
    else if (name === 'policy') pilot = () => fork.decision?.action;
    else pilot = sim.keyboardPilot(this.#keyboard!, env.actionSpace, () => this.#keys.take());
    this.#forks++;
    const label = this.#pilot.selectedOptions[0]!.textContent ?? name;
    const source = new ForkSource(fork, of, pilot, label, {
      observations: data.observations.length,
      actions: data.actions.length,
    });
    if (name === 'keyboard') this.#played.add(source);
    const added = this.#player.add(source, fork.from);
    added.title.replaceChildren(element('i', 'dot'), element('span', 'lane-name', `From step ${fork.from}: ${name}`));
    const save = element('button', 'small', '↓');
    save.type = 'button';
    save.title = 'Download this fork as an episode file';
    save.setAttribute('aria-label', save.title);
    save.addEventListener('click', () => this.#download(source, fork.from, label));
    added.tools.replaceChildren(save, this.#removal(added, 'this fork'));
    this.#changed();
    // The space key plays and pauses from here on, and makes no further fork.
    byId('fork').blur();
    this.#player.play();
  }

  #compare(): void {
    const { lanes, data } = this.#player;
    if (lanes.length >= MOST_LANES) return;
    const shown = new Set(lanes.map(({ source }) => source.name));
    const next = data.episodes.findIndex(({ index }) => !shown.has(`Episode ${index + 1}`));
    const index = Math.max(0, next);
    this.head(this.#player.load(index, lanes.length), index);
  }

  #removal(lane: Lane, what: string): HTMLElement {
    const button = element('button', 'small', '×');
    button.type = 'button';
    button.setAttribute('aria-label', `Take ${what} away`);
    button.title = `Take ${what} away`;
    button.addEventListener('click', () => this.#player.remove(lane));
    return button;
  }

  #download(source: ForkSource, from: number, label: string): void {
    const { env, gymkhana } = this.#player.data;
    const note = `a fork in a page, from step ${from}: ${label}`;
    const bytes = source.file(gymkhana, note) as Uint8Array<ArrayBuffer>;
    const link = element('a');
    link.href = URL.createObjectURL(new Blob([bytes], { type: 'application/octet-stream' }));
    link.download = `${env.replace(/[^\w.-]+/g, '-')}-from-${from}.episode`;
    link.click();
    // The browser has begun to read it by then.
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  }

  /** Buttons on the screen for the keys: help for a keyboard, and all that a phone has. */
  #padButtons(): HTMLElement[] {
    const bindings = this.#keyboard?.bindings ?? [];
    const alone = new Set(bindings.filter(({ keys }) => keys.length === 1).map(({ keys }) => keys[0]!));
    // A combination of keys that each have a button needs none of its own.
    const needed = bindings.filter(({ keys }) => keys.length === 1 || !keys.every((key) => alone.has(key)));
    return needed.map(({ keys, label }) => {
      const names = keys.map((key) => element('kbd', '', keyName(key)));
      const button = element('button', 'small', ...names, ` ${label}`);
      button.type = 'button';
      button.addEventListener('pointerdown', (event) => {
        event.preventDefault();
        button.setPointerCapture(event.pointerId);
        for (const key of keys) this.#keys.press(key);
      });
      const release = (): void => {
        for (const key of keys) this.#keys.release(key);
      };
      for (const end of ['pointerup', 'pointercancel', 'lostpointercapture']) button.addEventListener(end, release);
      return button;
    });
  }

  #changed(): void {
    const { lanes, playing } = this.#player;
    const played = lanes.some(({ source }) => this.#played.has(source as ForkSource) && source.growing);
    this.#keys.active = played && playing;
    byId('pad').hidden = !played;
    const chosen = this.#of.value;
    this.#of.replaceChildren(...lanes.map(({ source }, k) => new Option(source.name, String(k))));
    if (chosen !== '' && lanes[Number(chosen)] !== undefined) this.#of.value = chosen;
    byId('fork-of').hidden = lanes.length < 2;
    const full = lanes.length >= MOST_LANES;
    for (const id of ['fork', 'add']) byId<HTMLButtonElement>(id).disabled = full;
    for (const [k, lane] of lanes.entries()) {
      const dot = lane.title.querySelector('.dot');
      if (dot !== null) dot.className = `dot of-${k}`;
    }
  }
}

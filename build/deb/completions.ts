/** What <TAB> gives in bash, zsh and fish, from the commands' own help. */
import type { CommandHelp, Option } from './help.ts';

/** What may stand behind an option: one of a few words, a file, or anything. */
function choices({ value }: Option): readonly string[] {
  return value?.includes('|') ? value.split('|') : [];
}

const takesFile = ({ value }: Option): boolean => value !== null && /^(?:FILE|DIR|WHERE|DATA)/.test(value);

interface Place {
  /** The words before it: `outbox`, or `outbox retry`. */
  readonly words: readonly string[];
  readonly options: readonly Option[];
}

function placesOf(commands: readonly CommandHelp[]): readonly Place[] {
  return commands.flatMap(({ name, options, subcommands }) => [
    { words: [name], options },
    ...subcommands.map((sub) => ({ words: [name, sub.name], options: sub.options })),
  ]);
}

const namesOf = (options: readonly Option[]): string =>
  options
    .map(({ name }) => name)
    .sort()
    .join(' ');

/** `/usr/share/bash-completion/completions/gatepost`. It needs nothing of the bash-completion package but to be found. */
export function bashCompletion(commands: readonly CommandHelp[]): string {
  const names = commands.map(({ name }) => name).join(' ');
  const places = placesOf(commands);
  const subcommands = commands.filter((command) => command.subcommands.length > 0);
  return `# bash completion for gatepost, made by build/deb/completions.ts from the commands' own help.

_gatepost() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]} options='' subs='' values=''
  COMPREPLY=()
  if ((COMP_CWORD == 1)); then
    mapfile -t COMPREPLY < <(compgen -W "${names} --help --version --language" -- "$word")
    return
  fi
  local place=\${COMP_WORDS[1]}
  case "$place" in
${subcommands
  .map(({ name, subcommands: subs }) => `    ${name}) subs="${subs.map((sub) => sub.name).join(' ')}" ;;`)
  .join('\n')}
  esac
  if ((COMP_CWORD > 2)) && [[ " $subs " == *" \${COMP_WORDS[2]} "* ]]; then place+=" \${COMP_WORDS[2]}"; fi
  case "$place" in
${places
  .map(
    ({ words, options }) =>
      `    "${words.join(' ')}")\n      options="${namesOf(options)}"\n${bashValues(options)}      ;;`,
  )
  .join('\n')}
  esac
  if [[ $values == FILE ]]; then
    compopt -o default
  elif [[ $values == ANY ]]; then
    return
  elif [[ -n $values ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$values" -- "$word")
  elif [[ $word == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$options" -- "$word")
  else
    if ((COMP_CWORD == 2)); then mapfile -t COMPREPLY < <(compgen -W "$subs" -- "$word"); fi
    compopt -o default
  fi
}

complete -F _gatepost gatepost
`;
}

function bashValues(options: readonly Option[]): string {
  const lines = options.flatMap((option) => {
    if (option.value === null) return [];
    const words = choices(option);
    const values = words.length > 0 ? `"${words.join(' ')}"` : takesFile(option) ? 'FILE' : 'ANY';
    return [`        ${option.name}) values=${values} ;;\n`];
  });
  return `      case "$before" in\n${lines.join('')}      esac\n`;
}

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** `/usr/share/zsh/vendor-completions/_gatepost` */
export function zshCompletion(commands: readonly CommandHelp[]): string {
  const described = commands
    .map(({ name, summary }) => `    ${quoted(`${name}:${summary.en.replaceAll(':', '\\:')}`)}`)
    .join('\n');
  return `#compdef gatepost
# zsh completion for gatepost, made by build/deb/completions.ts from the commands' own help.

_gatepost() {
  local -a commands subs
  commands=(
${described}
  )
  if ((CURRENT == 2)); then
    _describe command commands
    [[ $PREFIX == -* ]] && compadd -- --help --version --language
    return
  fi
  local place=$words[2]
  case $place in
${commands
  .filter(({ subcommands }) => subcommands.length > 0)
  .map(({ name, subcommands }) => `    ${name}) subs=(${subcommands.map((sub) => sub.name).join(' ')}) ;;`)
  .join('\n')}
  esac
  if ((CURRENT > 3)) && [[ -n \${subs[(r)$words[3]]} ]]; then place+=" $words[3]"; fi
  ((CURRENT == 3)) && [[ $PREFIX != -* ]] && (($#subs)) && compadd -a subs
  shift words
  ((CURRENT--))
  case $place in
${placesOf(commands)
  .map(({ words, options }) => `    ${quoted(words.join(' '))}) _arguments ${zshOptions(options)} '*:file:_files' ;;`)
  .join('\n')}
  esac
}

_gatepost "$@"
`;
}

function zshOptions(options: readonly Option[]): string {
  return options
    .map((option) => {
      if (option.value === null) return quoted(option.name);
      const words = choices(option);
      const action = words.length > 0 ? `(${words.join(' ')})` : takesFile(option) ? '_files' : ' ';
      return quoted(`*${option.name}:${option.name.slice(2)}:${action}`);
    })
    .join(' ');
}

/** `/usr/share/fish/vendor_completions.d/gatepost.fish` */
export function fishCompletion(commands: readonly CommandHelp[]): string {
  const lines = commands.flatMap(({ name, summary, options, subcommands }) => {
    const inside = `-n '__fish_seen_subcommand_from ${name}'`;
    const subs = subcommands.map((sub) => sub.name).join(' ');
    return [
      `complete -c gatepost -n __fish_use_subcommand -f -a ${name} -d ${fishQuoted(summary.en)}`,
      ...(subs === '' ? [] : [`complete -c gatepost ${inside} -a '${subs}'`]),
      ...options.map((option) => `complete -c gatepost ${inside} -l ${option.name.slice(2)}${fishValue(option)}`),
    ];
  });
  return `# fish completion for gatepost, made by build/deb/completions.ts from the commands' own help.\n${lines.join('\n')}\n`;
}

function fishValue(option: Option): string {
  if (option.value === null) return '';
  const words = choices(option);
  if (words.length > 0) return ` -x -a '${words.join(' ')}'`;
  return takesFile(option) ? ' -r -F' : ' -x';
}

const fishQuoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;

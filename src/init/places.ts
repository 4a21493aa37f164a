/** The places on the box, as the package lays them out. */

/** Where `gatepost init` writes unless it is told otherwise: what the service reads. */
export const STANDARD_DIR = '/etc/gatepost';
export const CONFIG_FILE = 'gatepost.yaml';
export const SHEET_FILE = 'standard.yaml';
export const TUNNEL_FILE = 'tunnel.env';
export const CREDENTIALS = 'credentials';
export const RULES_FILE = '70-gatepost-site.rules';
export const RULES_DIR = '/etc/udev/rules.d';

/** Gatepost's own listeners: Mallcoo's calls, and this machine's tools. */
export const MALLCOO_LISTEN = '127.0.0.1:8080';
export const LISTEN: readonly string[] = [MALLCOO_LISTEN, '127.0.0.1:8081'];

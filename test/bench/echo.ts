/** The reference for plate → barrier: a client that sends back what it gets. */
import mqtt from 'mqtt';

const client = await mqtt.connectAsync(process.argv[2] ?? 'mqtt://127.0.0.1:1883');
client.on('message', (_, payload) => void client.publish('echo/out', payload));
await client.subscribeAsync('echo/in');
console.log('ready');
process.on('SIGTERM', () => process.exit(0));

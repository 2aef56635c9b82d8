'use strict';

const fs = require('fs');
const path = require('path');

const SCHEMA = path.join(__dirname, '..', '..', 'fc3.schema.json');

/** Plays the component fc3 to Serverless Devs: it has fc3's schema, and writes each order down as a line of JSON. */
module.exports = class StandIn {
  getSchema() {
    return fs.readFileSync(SCHEMA, 'utf8');
  }

  async deploy(inputs) {
    const { name } = inputs.resource;
    if (name === process.env.STAND_IN_FAILS) throw new Error(`no ${name} today`);
    const line = { resource: name, props: inputs.props, credential: await inputs.getCredential() };
    fs.appendFileSync(process.env.STAND_IN_NOTES, `${JSON.stringify(line)}\n`);
    return { functionName: inputs.props.functionName };
  }
};

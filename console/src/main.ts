import { mount } from 'svelte';
import './style/fonts.css';
import './style/base.css';
import App from './App.svelte';
import { speakFirst } from './lib/i18n.svelte';

const target = document.getElementById('app');
if (target) void speakFirst().then(() => mount(App, { target }));
